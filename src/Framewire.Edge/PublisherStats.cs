using Framewire.Protocol.Video;
using HdrHistogram;

namespace Framewire.Edge;

/// <summary>Counts what a publisher did, and how long acks took. Owned by one <see cref="Outbox"/>; not thread-safe.</summary>
internal sealed class PublisherStats
{
    /// <summary>Round trips in ticks, a microsecond apart at the least, with three digits.</summary>
    private readonly LongHistogram _roundTrips = new(TimeSpan.TicksPerMicrosecond, TimeSpan.TicksPerHour, 3);
    private TimeSpan? _firstCapture;
    private long _captured, _sent, _acked, _duplicates, _connections, _bytes;

    /// <summary>The highest sequence given.</summary>
    public ulong LastSequence => (ulong)_captured;

    /// <summary>Counts a captured frame.</summary>
    /// <returns>Its sequence.</returns>
    public ulong Captured(TimeSpan now)
    {
        _firstCapture ??= now;
        return (ulong)++_captured;
    }

    public void Sent() => _sent++;

    public void Connected() => _connections++;

    public void Duplicate() => _duplicates++;

    /// <summary>Counts an acknowledged frame; one whose ack was lost with its link has no round trip.</summary>
    public void Acked(Frame frame, TimeSpan? roundTrip)
    {
        _acked++;
        _bytes += frame.Buffer.Length;
        if (roundTrip is { } time)
            _roundTrips.RecordValue(Math.Clamp(time.Ticks, 1, TimeSpan.TicksPerHour));
    }

    /// <summary>The counts as they are now.</summary>
    public PublisherSnapshot Snapshot(TimeSpan now, DropLedger ledger, int queued, int inFlight) => new()
    {
        Captured = _captured,
        Sent = _sent,
        Acked = _acked,
        Dropped = new SortedDictionary<DropReason, long>(ledger.Counts.ToDictionary()),
        Queued = queued,
        InFlight = inFlight,
        Duplicates = _duplicates,
        Reconnects = Math.Max(0, _connections - 1),
        Bytes = _bytes,
        Elapsed = _firstCapture is { } first ? now - first : TimeSpan.Zero,
        AckMilliseconds = _roundTrips.TotalCount == 0
            ? new AckTimes(0, 0, 0)
            : new AckTimes(Milliseconds(_roundTrips.GetValueAtPercentile(50)), Milliseconds(_roundTrips.GetValueAtPercentile(99)), Milliseconds(_roundTrips.GetMaxValue())),
    };

    private static double Milliseconds(long ticks) => ticks / (double)TimeSpan.TicksPerMillisecond;
}
