using Framewire.Protocol.Video;
using HdrHistogram;

namespace Framewire.Edge;

/// <summary>Counts what a publisher did, and how long acks took. Owned by one <see cref="Outbox"/>; not thread-safe.</summary>
internal sealed class PublisherStats
{
    /// <summary>Round trips in ticks, a microsecond apart at the least, with three digits.</summary>
    private readonly LongHistogram _roundTrips = new(TimeSpan.TicksPerMicrosecond, TimeSpan.TicksPerHour, 3);

    /// <summary>Those since the last report, and how long frames waited to be sent; two digits, for they are emptied each second.</summary>
    private readonly LongHistogram _recentRoundTrips = new(TimeSpan.TicksPerMicrosecond, TimeSpan.TicksPerHour, 2);
    private readonly LongHistogram _recentQueueing = new(TimeSpan.TicksPerMicrosecond, TimeSpan.TicksPerHour, 2);
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

    /// <summary>Counts a frame handed to the link.</summary>
    /// <param name="queued">How long ago it was captured.</param>
    public void Sent(TimeSpan queued)
    {
        _sent++;
        Record(_recentQueueing, queued);
    }

    public void Connected() => _connections++;

    public void Duplicate() => _duplicates++;

    /// <summary>Counts an acknowledged frame; one whose ack was lost with its link has no round trip.</summary>
    public void Acked(Frame frame, TimeSpan? roundTrip)
    {
        _acked++;
        _bytes += frame.Buffer.Length;
        if (roundTrip is not { } time)
            return;
        Record(_roundTrips, time);
        Record(_recentRoundTrips, time);
    }

    /// <summary>How long things took since this was last asked.</summary>
    public IntervalTimes TakeInterval()
    {
        var times = new IntervalTimes(Percentile(_recentRoundTrips, 50), Percentile(_recentRoundTrips, 99), Percentile(_recentQueueing, 50));
        _recentRoundTrips.Reset();
        _recentQueueing.Reset();
        return times;
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

    private static void Record(LongHistogram histogram, TimeSpan time) => histogram.RecordValue(Math.Clamp(time.Ticks, 1, TimeSpan.TicksPerHour));

    private static TimeSpan Percentile(LongHistogram histogram, double percentile) =>
        histogram.TotalCount == 0 ? TimeSpan.Zero : TimeSpan.FromTicks(histogram.GetValueAtPercentile(percentile));

    private static double Milliseconds(long ticks) => ticks / (double)TimeSpan.TicksPerMillisecond;
}
