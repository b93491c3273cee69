using Framewire.Protocol.Video;
using Google.Protobuf;

namespace Framewire.Protocol.Contracts;

/// <summary>Results as <c>framewire.v1.Result</c> and <c>FrameResults</c>, and back. Pure.</summary>
public static class ResultCoding
{
    private const int MaxDetections = 1000;
    private const int MaxLabelLength = 128;
    private const int MaxValues = 64;

    /// <summary>To the wire.</summary>
    public static V1.Result ToWire(FrameResult result)
    {
        var wire = new V1.Result
        {
            Processor = result.Processor,
            State = (V1.ResultState)result.State,
            Data = UnsafeByteOperations.UnsafeWrap(result.Data),
            Error = result.Error,
        };
        if (result.Reply is { } reply)
            wire.Reply = reply;
        foreach (var (key, value) in result.Values)
            wire.Values.Add(key, value);
        wire.Detections.AddRange(result.Detections.Select(ToWire));
        return wire;
    }

    /// <summary>To the wire.</summary>
    public static V1.FrameResults ToWire(FrameResults results)
    {
        var wire = new V1.FrameResults { Session = results.Session, Sequence = results.Sequence, CapturedAtUnixMicros = Micros.Of(results.CapturedAt) };
        wire.Results.AddRange(results.Results.Select(ToWire));
        return wire;
    }

    /// <summary>From the wire. What <see cref="Mistake"/> finds nothing wrong with is taken as it is.</summary>
    public static FrameResult FromWire(V1.Result wire) => new()
    {
        Processor = wire.Processor,
        State = wire.State is V1.ResultState.Unspecified ? ResultState.Done : (ResultState)wire.State,
        Reply = wire.HasReply ? wire.Reply : null,
        Detections = [.. wire.Detections.Select(FromWire)],
        Values = wire.Values,
        Data = wire.Data.Memory,
        Error = wire.Error,
    };

    /// <summary>From the wire.</summary>
    public static FrameResults FromWire(V1.FrameResults wire) => new(
        wire.Session, wire.Sequence, Micros.ToDateTimeOffset(wire.CapturedAtUnixMicros), [.. wire.Results.Select(FromWire)]);

    /// <summary>What is wrong with a result that a peer has sent, for people; null if nothing is.</summary>
    public static string? Mistake(V1.Result result)
    {
        if (!Enum.IsDefined(result.State))
            return $"the state {(int)result.State} is not known here";
        if (result.Detections.Count > MaxDetections)
            return $"it has {result.Detections.Count} detections, more than {MaxDetections}";
        if (result.Values.Count > MaxValues)
            return $"it has {result.Values.Count} values, more than {MaxValues}";
        if (result.Detections.Any(detection => detection.Label.Length is 0 or > MaxLabelLength || detection.Label.Any(char.IsControl)))
            return $"a label is not 1 to {MaxLabelLength} characters, none of them control characters";
        if (!result.Detections.All(IsFinite))
            return "a score or box is not a finite number";
        return result.CalculateSize() > FrameResult.MaxBytes ? $"it is larger than {FrameResult.MaxBytes} bytes" : null;
    }

    private static bool IsFinite(V1.Detection detection) =>
        float.IsFinite(detection.Score)
        && (detection.Box is not { } box || (float.IsFinite(box.X) && float.IsFinite(box.Y) && float.IsFinite(box.Width) && float.IsFinite(box.Height)));

    private static V1.Detection ToWire(Detection detection) => new()
    {
        Label = detection.Label,
        Score = detection.Score,
        TrackId = detection.TrackId,
        Box = detection.Box is { } box ? new V1.Box { X = box.X, Y = box.Y, Width = box.Width, Height = box.Height } : null,
    };

    private static Detection FromWire(V1.Detection wire) => new(
        wire.Label,
        wire.Score,
        wire.Box is { } box ? new Box(box.X, box.Y, box.Width, box.Height) : null,
        wire.TrackId);
}
