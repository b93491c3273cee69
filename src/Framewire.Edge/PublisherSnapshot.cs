using Framewire.Protocol.Video;

namespace Framewire.Edge;

/// <summary>Round trips from a frame's sending to its ack, in milliseconds.</summary>
public sealed record AckTimes(double P50, double P99, double Max);

/// <summary>Where every captured frame of a publisher is, at one moment.</summary>
public sealed record PublisherSnapshot
{
    /// <summary>Frames taken from the source. Always equals acked + dropped + queued + in flight.</summary>
    public required long Captured { get; init; }

    /// <summary>Frames handed to the link, resends included.</summary>
    public required long Sent { get; init; }

    /// <summary>Frames the server has acknowledged.</summary>
    public required long Acked { get; init; }

    /// <summary>Frames dropped, by reason.</summary>
    public required IReadOnlyDictionary<DropReason, long> Dropped { get; init; }

    /// <summary>Frames that wait to be sent.</summary>
    public required long Queued { get; init; }

    /// <summary>Frames sent and not yet acknowledged.</summary>
    public required long InFlight { get; init; }

    /// <summary>Acks that said that the frame was there already.</summary>
    public required long Duplicates { get; init; }

    /// <summary>Connections made after the first.</summary>
    public required long Reconnects { get; init; }

    /// <summary>Bytes of payload acknowledged.</summary>
    public required long Bytes { get; init; }

    /// <summary>Time since the first frame was captured.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Ack round trips.</summary>
    public required AckTimes AckMilliseconds { get; init; }

    /// <summary>The server's clock minus this machine's; null until an ack has told.</summary>
    public TimeSpan? ClockOffset { get; init; }

    /// <summary>Frames dropped for any reason.</summary>
    public long DroppedTotal => Dropped.Values.Sum();
}
