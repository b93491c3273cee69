using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using Framewire.Server.Streams;

namespace Framewire.Server.Viewing;

/// <summary>The list of streams as both lists show it: gRPC's and the JSON one. Pure.</summary>
internal static class StreamStatuses
{
    /// <summary>These streams.</summary>
    public static ListStreamsResponse List(IEnumerable<LiveStream> streams, DateTimeOffset now)
    {
        var response = new ListStreamsResponse { ServerTimeUnixMicros = Micros.Of(now) };
        response.Streams.AddRange(streams.Select(stream => ToWire(stream.Status())));
        return response;
    }

    private static StreamStatus ToWire(LiveStreamStatus status)
    {
        var wire = new StreamStatus
        {
            Name = status.Name,
            Online = status.OfflineSince is null,
            Viewers = (uint)status.Viewers,
            FrameRate = Math.Round(status.FrameRate, 2),
            BitRate = Math.Round(status.BitRate),
            LastCapturedAtUnixMicros = status.LastCapturedAt is { } captured ? Micros.Of(captured) : 0,
            LastReceivedAtUnixMicros = status.LastReceivedAt is { } received ? Micros.Of(received) : 0,
            Peer = status.Peer,
            Agent = status.Agent,
            OfflineSinceUnixMicros = status.OfflineSince is { } since ? Micros.Of(since) : 0,
            Complete = status.Complete,
            Recording = status.Recording.State == RecordingState.Active,
            RecordingError = status.Recording.Error,
            Report = status.Report is { } report ? ToWire(report) : null,
        };
        wire.Processors.AddRange(status.Processors.Select(ToWire));
        if (status.Session is { } session)
        {
            wire.Session = session.Id;
            wire.Format = FormatCoding.ToWire(session.Format);
            wire.LastSequence = session.ReceivedSequence;
            wire.Frames = session.Frames;
            wire.Bytes = session.Bytes;
            wire.Duplicates = session.Duplicates;
            wire.Missing = session.Missing;
            wire.Rejected = session.Rejected;
        }

        return wire;
    }

    private static ProcessorStatus ToWire(ProcessorState processor) => new()
    {
        Name = processor.Name,
        State = processor.Error.Length > 0 ? ProcessorStatus.Types.State.Failed
            : processor.IsAttached ? ProcessorStatus.Types.State.Attached : ProcessorStatus.Types.State.Absent,
        Instances = (uint)processor.Instances,
        EveryFrame = processor.EveryFrame,
        Done = processor.Counts.Done,
        Skipped = processor.Counts.Skipped,
        Failed = processor.Counts.Failed,
        LatencyP50Micros = (uint)Micros.Of(processor.Counts.P50),
        LatencyP99Micros = (uint)Micros.Of(processor.Counts.P99),
        Error = processor.Error,
    };

    private static Report ToWire(PublisherReport report)
    {
        var wire = new Report
        {
            Captured = report.Captured,
            Acked = report.Acked,
            Waiting = report.Waiting,
            AckP50Micros = (uint)Micros.Of(report.AckP50),
            AckP99Micros = (uint)Micros.Of(report.AckP99),
            QueueP50Micros = (uint)Micros.Of(report.QueueP50),
            ClockOffsetMicros = Micros.Of(report.ClockOffset),
        };
        wire.Drops.AddRange(report.Drops.Select(drop => new DropCount { Reason = (DropReason)drop.Key, Frames = drop.Value }));
        return wire;
    }
}
