using Framewire.Edge.Sources;
using Framewire.Protocol.Video;

namespace Framewire.Tests.Testing;

/// <summary>Reads a source to its end or a limit, with a time-out, copying what it gives. A value.</summary>
internal sealed record Reading(StreamFormat Format, IReadOnlyList<ReadFrame> Frames)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(50);

    /// <summary>All payloads, one after the other.</summary>
    public byte[] Bytes => [.. Frames.SelectMany(frame => frame.Payload)];

    public static async Task<Reading> OfAsync(SourceOptions options, int most = int.MaxValue, TimeProvider? time = null)
    {
        await using var source = FrameSource.Create(options, time ?? TimeProvider.System);
        return await OfAsync(source, most);
    }

    public static async Task<Reading> OfAsync(FrameSource source, int most = int.MaxValue)
    {
        using var patience = new CancellationTokenSource(Patience);
        var format = await source.OpenAsync(patience.Token);
        var frames = new List<ReadFrame>();
        await foreach (var frame in source.ReadAsync(patience.Token))
        {
            frames.Add(new ReadFrame(frame.Pts, frame.CapturedAt, frame.IsKeyframe, frame.Payload.ToArray()));
            frame.Release();
            if (frames.Count == most)
                break;
        }
        return new Reading(format, frames);
    }
}

/// <summary>A copy of a frame that was released. A value.</summary>
internal sealed record ReadFrame(TimeSpan Pts, DateTimeOffset CapturedAt, bool IsKeyframe, byte[] Payload);
