namespace Framewire.Edge;

/// <summary>A frame in flight and when it was sent, on the monotonic clock.</summary>
internal readonly record struct SentFrame(QueuedFrame Queued, TimeSpan SentAt);

/// <summary>
/// The frames sent but not yet acknowledged, bounded in frames, bytes and, in live mode, time: when acks take much longer than
/// the best round trip, something between is filling up, and sending more would only add to its queue.
/// No clock and no lock: owned by one <see cref="Outbox"/>.
/// </summary>
internal sealed class SendWindow(int maxFrames, long maxBytes, TimeSpan? queueingBudget)
{
    /// <summary>In flight at most until an answer has told the round trip, where time is bounded.</summary>
    private const int FirstFlight = 8;

    private readonly List<SentFrame> _inFlight = [];
    private TimeSpan? _bestRoundTrip;

    public int Count => _inFlight.Count;

    public long Bytes { get; private set; }

    /// <summary>The lowest sequence in flight.</summary>
    public ulong? Oldest => _inFlight.Count > 0 ? _inFlight[0].Queued.Frame.Sequence : null;

    /// <summary>Whether one more frame may be sent. A single frame always may, however large.</summary>
    public bool IsOpen(TimeSpan now)
    {
        if (_inFlight.Count == 0)
            return true;
        if (_inFlight.Count >= maxFrames || Bytes >= maxBytes)
            return false;
        if (queueingBudget is not { } budget)
            return true;
        return _bestRoundTrip is { } best
            ? now - _inFlight[0].SentAt <= best + budget
            : _inFlight.Count < FirstFlight;
    }

    public void Sent(QueuedFrame frame, TimeSpan now)
    {
        _inFlight.Add(new SentFrame(frame, now));
        Bytes += frame.Frame.Buffer.Length;
    }

    /// <summary>Takes one frame out of flight.</summary>
    /// <returns>False if it is not in flight: the server repeats itself.</returns>
    public bool TryAcknowledge(ulong sequence, TimeSpan now, out SentFrame acknowledged)
    {
        var index = _inFlight.FindIndex(sent => sent.Queued.Frame.Sequence == sequence);
        acknowledged = index < 0 ? default : _inFlight[index];
        if (index < 0)
            return false;

        _inFlight.RemoveAt(index);
        Bytes -= acknowledged.Queued.Frame.Buffer.Length;
        var roundTrip = now - acknowledged.SentAt;
        if (_bestRoundTrip is not { } best || roundTrip < best)
            _bestRoundTrip = roundTrip;
        return true;
    }

    /// <summary>Takes everything out of flight, oldest first, because there is another link.</summary>
    /// <param name="roundTrip">How long the new link took to answer; null if it has not yet. Acks will better it.</param>
    public IReadOnlyList<QueuedFrame> Restart(TimeSpan? roundTrip)
    {
        QueuedFrame[] all = [.. _inFlight.Select(sent => sent.Queued)];
        _inFlight.Clear();
        Bytes = 0;
        _bestRoundTrip = roundTrip;
        return all;
    }
}
