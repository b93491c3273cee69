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
    private readonly LongHistogram _persistTimes = new(TimeSpan.TicksPerMicrosecond, TimeSpan.TicksPerHour, 3);
    private readonly LongHistogram _processTimes = new(TimeSpan.TicksPerMicrosecond, TimeSpan.TicksPerHour, 3);
    private TimeSpan? _firstCapture;
    private long _captured, _sent, _acked, _duplicates, _connections, _bytes;

    /// <summary>The highest sequence given.</summary>
    public ulong LastSequence { get; private set; }

    /// <summary>Goes on where an earlier run stopped.</summary>
    /// <param name="lastSequence">The highest sequence that it gave.</param>
    /// <param name="recovered">Frames of it that are still to be sent: they count as captured.</param>
    public void Resume(ulong lastSequence, ulong recovered) => (LastSequence, _captured) = (lastSequence, (long)recovered);

    /// <summary>Counts a captured frame.</summary>
    /// <returns>Its sequence.</returns>
    public ulong Captured(TimeSpan now)
    {
        _firstCapture ??= now;
        _captured++;
        return ++LastSequence;
    }

    /// <summary>Counts a frame handed to the link.</summary>
    /// <param name="queued">How long ago it was captured; null if it has waited on disk.</param>
    public void Sent(TimeSpan? queued)
    {
        _sent++;
        if (queued is { } time)
            Record(_recentQueueing, time);
    }

    public void Connected() => _connections++;

    public void Duplicate() => _duplicates++;

    /// <summary>Counts frames that have come as far as they must.</summary>
    public void Acked(ulong frames, long bytes)
    {
        _acked += (long)frames;
        _bytes += bytes;
    }

    /// <summary>Counts the time to a frame's first ack.</summary>
    public void RoundTrip(TimeSpan time)
    {
        Record(_roundTrips, time);
        Record(_recentRoundTrips, time);
    }

    /// <summary>Counts the time until a frame had come to a level above received.</summary>
    public void Reached(PublishAck level, TimeSpan time) => Record(level == PublishAck.Processed ? _processTimes : _persistTimes, time);

    /// <summary>How long things took since this was last asked.</summary>
    public IntervalTimes TakeInterval()
    {
        var times = new IntervalTimes(Percentile(_recentRoundTrips, 50), Percentile(_recentRoundTrips, 99), Percentile(_recentQueueing, 50));
        _recentRoundTrips.Reset();
        _recentQueueing.Reset();
        return times;
    }

    /// <summary>The counts as they are now.</summary>
    public PublisherSnapshot Snapshot(TimeSpan now, DropLedger ledger, long queued, long spooled, long inFlight) => new()
    {
        Captured = _captured,
        Sent = _sent,
        Acked = _acked,
        Dropped = new SortedDictionary<DropReason, long>(ledger.Counts.ToDictionary()),
        Queued = queued,
        Spooled = spooled,
        InFlight = inFlight,
        Duplicates = _duplicates,
        Reconnects = Math.Max(0, _connections - 1),
        Bytes = _bytes,
        Elapsed = _firstCapture is { } first ? now - first : TimeSpan.Zero,
        AckMilliseconds = Times(_roundTrips),
        PersistMilliseconds = Times(_persistTimes),
        ProcessMilliseconds = Times(_processTimes),
    };

    private static AckTimes Times(LongHistogram histogram) => histogram.TotalCount == 0
        ? new AckTimes(0, 0, 0)
        : new AckTimes(Milliseconds(histogram.GetValueAtPercentile(50)), Milliseconds(histogram.GetValueAtPercentile(99)), Milliseconds(histogram.GetMaxValue())) { P999 = Milliseconds(histogram.GetValueAtPercentile(99.9)) };

    private static void Record(LongHistogram histogram, TimeSpan time) => histogram.RecordValue(Math.Clamp(time.Ticks, 1, TimeSpan.TicksPerHour));

    private static TimeSpan Percentile(LongHistogram histogram, double percentile) =>
        histogram.TotalCount == 0 ? TimeSpan.Zero : TimeSpan.FromTicks(histogram.GetValueAtPercentile(percentile));

    private static double Milliseconds(long ticks) => ticks / (double)TimeSpan.TicksPerMillisecond;
}
