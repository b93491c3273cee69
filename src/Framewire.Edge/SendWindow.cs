using Framewire.Protocol.Video;

namespace Framewire.Edge;

/// <summary>A frame in flight: when it was sent, on the monotonic clock, and how many bytes were in flight then, its own included.</summary>
internal readonly record struct SentFrame(QueuedFrame Queued, TimeSpan SentAt, long BytesThen);

/// <summary>
/// The frames sent but not yet acknowledged, bounded in frames, bytes and, in live mode, by delay: when every ack takes longer than
/// the best round trip by more than the budget, a queue stands between the ends, and the window shrinks to what the link
/// carried in a round trip without it. No clock and no lock: owned by one <see cref="Outbox"/>.
/// </summary>
/// <remarks>
/// A late ack may be mere jitter; only where the least late of a whole round trip is late, a queue stands (the idea of CoDel, RFC 8289).
/// </remarks>
internal sealed class SendWindow(int maxFrames, long maxBytes, TimeSpan? queueingBudget)
{
    /// <summary>In flight at most until an answer has told the round trip, where delay is bounded.</summary>
    private const int FirstFlight = 8;

    /// <summary>In flight, in bytes, until acks have shown that there is room, where delay is bounded.</summary>
    private const long FirstBytes = 64 << 10;

    private const long NoLimit = long.MaxValue / 2;

    private readonly List<SentFrame> _inFlight = [];
    private TimeSpan? _bestRoundTrip;
    private bool _acknowledged;
    private long _limit = queueingBudget is null ? NoLimit : FirstBytes;
    private Ack? _leastLate;
    private TimeSpan _judgedAt;

    public int Count => _inFlight.Count;

    public long Bytes { get; private set; }

    /// <summary>How many of them have waited on disk.</summary>
    public int FromDisk { get; private set; }

    /// <summary>The lowest sequence in flight.</summary>
    public ulong? Oldest => _inFlight.Count > 0 ? _inFlight[0].Queued.Frame.Sequence : null;

    /// <summary>Whether one more frame may be sent. A single frame always may, however large.</summary>
    public bool IsOpen(TimeSpan now)
    {
        if (_inFlight.Count == 0)
            return true;
        if (_inFlight.Count >= maxFrames || Bytes >= Math.Min(maxBytes, _limit))
            return false;
        if (queueingBudget is not { } budget)
            return true;
        return _bestRoundTrip is { } best
            ? now - _inFlight[0].SentAt <= best + budget * (_acknowledged ? 2 : 1)
            : _inFlight.Count < FirstFlight;
    }

    public void Sent(QueuedFrame frame, TimeSpan now)
    {
        Bytes += frame.Frame.Buffer.Length;
        FromDisk += frame.CapturedAt is null ? 1 : 0;
        _inFlight.Add(new SentFrame(frame, now, Bytes));
    }

    /// <summary>Takes one frame out of flight.</summary>
    /// <returns>False if it is not in flight: the server repeats itself.</returns>
    public bool TryAcknowledge(ulong sequence, TimeSpan now, out SentFrame acknowledged)
    {
        var index = _inFlight.FindIndex(sent => sent.Queued.Frame.Sequence == sequence);
        acknowledged = index < 0 ? default : _inFlight[index];
        if (index < 0)
            return false;

        Learn(new Ack(acknowledged.BytesThen, now - acknowledged.SentAt), acknowledged.Queued.Frame.Buffer.Length, now);
        RemoveAt(index);
        return true;
    }

    /// <summary>Takes one frame out of flight that was refused, perhaps before it was sent: nothing is learnt of the link.</summary>
    public bool TryTakeBack(ulong sequence, out SentFrame taken)
    {
        var index = _inFlight.FindIndex(sent => sent.Queued.Frame.Sequence == sequence);
        taken = index < 0 ? default : _inFlight[index];
        if (index >= 0)
            RemoveAt(index);
        return index >= 0;
    }

    /// <summary>Takes every frame of a run out of flight, oldest first; nothing is learnt of the link.</summary>
    public IReadOnlyList<SentFrame> TakeWithin(SequenceRun run)
    {
        var taken = _inFlight.FindAll(sent => sent.Queued.Frame.Sequence >= run.First && sent.Queued.Frame.Sequence <= run.Last);
        foreach (var sent in taken)
            RemoveAt(_inFlight.IndexOf(sent));
        return taken;
    }

    /// <summary>Takes everything out of flight, oldest first, because there is another link.</summary>
    /// <param name="roundTrip">How long the new link took to answer; null if it has not yet. Acks will better it.</param>
    public IReadOnlyList<QueuedFrame> Restart(TimeSpan? roundTrip)
    {
        QueuedFrame[] all = [.. _inFlight.Select(sent => sent.Queued)];
        _inFlight.Clear();
        FromDisk = 0;
        (Bytes, _limit, _bestRoundTrip, _acknowledged, _leastLate) = (0, queueingBudget is null ? NoLimit : FirstBytes, roundTrip, false, null);
        return all;
    }

    private void RemoveAt(int index)
    {
        Bytes -= _inFlight[index].Queued.Frame.Buffer.Length;
        FromDisk -= _inFlight[index].Queued.CapturedAt is null ? 1 : 0;
        _inFlight.RemoveAt(index);
    }

    /// <summary>
    /// Grows by what is acknowledged while there is no queue, and shrinks, once a round trip, to the bytes that the link carries in
    /// the best round trip and half the budget.
    /// </summary>
    private void Learn(Ack ack, int bytes, TimeSpan now)
    {
        if (_bestRoundTrip is not { } best || ack.RoundTrip < best)
            _bestRoundTrip = best = ack.RoundTrip;
        if (queueingBudget is not { } budget)
            return;

        if (!_acknowledged)
            (_acknowledged, _judgedAt) = (true, now);
        if (ack.RoundTrip - best < budget / 2)
            _limit = Math.Min(NoLimit, _limit + bytes);
        if (_leastLate is not { } least || ack.RoundTrip < least.RoundTrip)
            _leastLate = least = ack;
        if (now - _judgedAt < best + budget)
            return;
        if (least.RoundTrip - best > budget)
            _limit = Math.Min(_limit, (long)(least.BytesThen * ((best + budget / 2) / least.RoundTrip)));
        (_leastLate, _judgedAt) = (null, now);
    }

    /// <summary>How long an ack took, and how many bytes were in flight when its frame was sent, its own included.</summary>
    private readonly record struct Ack(long BytesThen, TimeSpan RoundTrip);
}
