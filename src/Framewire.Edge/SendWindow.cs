namespace Framewire.Edge;

/// <summary>A frame in flight: when it was sent, on the monotonic clock, and how many bytes were in flight then, its own included.</summary>
internal readonly record struct SentFrame(QueuedFrame Queued, TimeSpan SentAt, long BytesThen);

/// <summary>
/// The frames sent but not yet acknowledged, bounded in frames, bytes and, in live mode, by delay: when acks take longer than the
/// best round trip by more than the budget, a queue is filling up between the ends, and the window shrinks to what the link
/// carried in a round trip without it. No clock and no lock: owned by one <see cref="Outbox"/>.
/// </summary>
internal sealed class SendWindow(int maxFrames, long maxBytes, TimeSpan? queueingBudget)
{
    /// <summary>In flight at most until an answer has told the round trip, where delay is bounded.</summary>
    private const int FirstFlight = 8;

    private const long NoLimit = long.MaxValue / 2;

    private readonly List<SentFrame> _inFlight = [];
    private TimeSpan? _bestRoundTrip;
    private bool _acknowledged;
    private long _limit = NoLimit;

    public int Count => _inFlight.Count;

    public long Bytes { get; private set; }

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

        Learn(acknowledged, now - acknowledged.SentAt);
        _inFlight.RemoveAt(index);
        Bytes -= acknowledged.Queued.Frame.Buffer.Length;
        return true;
    }

    /// <summary>Takes everything out of flight, oldest first, because there is another link.</summary>
    /// <param name="roundTrip">How long the new link took to answer; null if it has not yet. Acks will better it.</param>
    public IReadOnlyList<QueuedFrame> Restart(TimeSpan? roundTrip)
    {
        QueuedFrame[] all = [.. _inFlight.Select(sent => sent.Queued)];
        _inFlight.Clear();
        (Bytes, _limit, _bestRoundTrip, _acknowledged) = (0, NoLimit, roundTrip, false);
        return all;
    }

    /// <summary>
    /// Shrinks at once to the bytes that the link carries in the best round trip and half the budget, and grows by what is
    /// acknowledged while there is no queue.
    /// </summary>
    private void Learn(SentFrame sent, TimeSpan roundTrip)
    {
        _acknowledged = true;
        if (_bestRoundTrip is not { } best || roundTrip < best)
            _bestRoundTrip = best = roundTrip;
        if (queueingBudget is not { } budget)
            return;

        var queueing = roundTrip - best;
        if (queueing > budget)
            _limit = Math.Min(_limit, (long)(sent.BytesThen * ((best + budget / 2) / roundTrip)));
        else if (queueing < budget / 2)
            _limit = Math.Min(NoLimit, _limit + sent.Queued.Frame.Buffer.Length);
    }
}
