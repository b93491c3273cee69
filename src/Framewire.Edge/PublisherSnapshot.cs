using Framewire.Protocol.Video;

namespace Framewire.Edge;

/// <summary>Round trips from a frame's sending to its ack, in milliseconds.</summary>
public sealed record AckTimes(double P50, double P99, double Max)
{
    /// <summary>One in a thousand took longer.</summary>
    public double P999 { get; init; }
}

/// <summary>Where every captured frame of a publisher is, at one moment.</summary>
public sealed record PublisherSnapshot
{
    /// <summary>Frames taken from the source, and those that an earlier run left in the spool. Always equals acked + dropped + queued + spooled + in flight.</summary>
    public required long Captured { get; init; }

    /// <summary>Frames handed to the link, resends included.</summary>
    public required long Sent { get; init; }

    /// <summary>Frames the server has acknowledged, at the level asked for.</summary>
    public required long Acked { get; init; }

    /// <summary>Frames dropped, by reason.</summary>
    public required IReadOnlyDictionary<DropReason, long> Dropped { get; init; }

    /// <summary>Frames that wait in memory to be sent.</summary>
    public required long Queued { get; init; }

    /// <summary>Frames that wait on disk to be sent.</summary>
    public required long Spooled { get; init; }

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

    /// <summary>Round trips to the first ack, at level received.</summary>
    public required AckTimes AckMilliseconds { get; init; }

    /// <summary>From sending a frame to the ack that it is on the server's disk; zeros if that was not asked for.</summary>
    public required AckTimes PersistMilliseconds { get; init; }

    /// <summary>From sending a frame to the ack that the processors have answered; zeros unless that is the level asked for.</summary>
    public required AckTimes ProcessMilliseconds { get; init; }

    /// <summary>The server's clock minus this machine's; null until an ack has told.</summary>
    public TimeSpan? ClockOffset { get; init; }

    /// <summary>The sum of this and another session of the same publisher; times are this one's.</summary>
    public PublisherSnapshot Plus(PublisherSnapshot other) => this with
    {
        Captured = Captured + other.Captured,
        Sent = Sent + other.Sent,
        Acked = Acked + other.Acked,
        Dropped = new SortedDictionary<DropReason, long>(
            Dropped.Concat(other.Dropped).GroupBy(drop => drop.Key).ToDictionary(drops => drops.Key, drops => drops.Sum(drop => drop.Value))),
        Queued = Queued + other.Queued,
        Spooled = Spooled + other.Spooled,
        InFlight = InFlight + other.InFlight,
        Duplicates = Duplicates + other.Duplicates,
        Reconnects = Reconnects + other.Reconnects,
        Bytes = Bytes + other.Bytes,
    };

    /// <summary>Frames dropped for any reason.</summary>
    public long DroppedTotal => Dropped.Values.Sum();
}
