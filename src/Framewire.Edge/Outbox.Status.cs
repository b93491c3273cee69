namespace Framewire.Edge;

/// <content>Where every frame is.</content>
internal sealed partial class Outbox
{
    /// <summary>Frames sent and not yet acknowledged at all.</summary>
    public int InFlight
    {
        get
        {
            lock (_lock)
                return _window.Count;
        }
    }

    /// <summary>Whether no frame will follow and every frame has gone its way.</summary>
    public bool IsComplete
    {
        get
        {
            lock (_lock)
                return IsSent && _window.Count == 0 && _unconfirmed.Count == 0;
        }
    }

    /// <summary>
    /// Whether there is nothing more to send. What processors have yet to answer is at the server: it is told that no more will come, since a
    /// decoder may hold the last frames back until it knows.
    /// </summary>
    private bool HasNothingToSend => IsSent && _window.Count == 0 && (_unconfirmed.Count == 0 || _options.Ack == PublishAck.Processed);

    /// <summary>Whether no frame will follow and every frame is at least on its way.</summary>
    public bool IsSent
    {
        get
        {
            lock (_lock)
                return _captureComplete && _queue.Count == 0 && _backlog.Count == 0 && _betweenPlaces == 0;
        }
    }

    /// <summary>The lowest sequence that can still be sent.</summary>
    public ulong NextSequence
    {
        get
        {
            lock (_lock)
                return new[] { _window.Oldest, _unconfirmed.Oldest, _backlog.First, _queue.Oldest }.Min() ?? _stats.LastSequence + 1;
        }
    }

    /// <summary>Where every frame is now.</summary>
    public PublisherSnapshot Snapshot()
    {
        lock (_lock)
        {
            return _stats.Snapshot(Now, _ledger, _queue.Count + _betweenPlaces, (long)_backlog.Count, _window.Count + _unconfirmed.Count) with
            {
                ClockOffset = _clockOffset.Value,
            };
        }
    }

    /// <summary>What to tell the server of this publisher. The next report tells only of what happens from now on.</summary>
    public SelfReport TakeReport()
    {
        lock (_lock)
        {
            var report = new SelfReport(Snapshot(), _stats.TakeInterval());
            _clockOffset.NextInterval();
            return report;
        }
    }
}
