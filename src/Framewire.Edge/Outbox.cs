using System.Threading.Channels;
using Framewire.Protocol.Video;

namespace Framewire.Edge;

/// <summary>A frame to send now, held for the sender, and what to tell the server before it.</summary>
internal readonly record struct Outgoing(Frame Frame, IReadOnlyList<Gap> Gaps);

/// <summary>
/// Everything captured and not yet acknowledged: the queue, the window, and the count of where each frame went. The capture loop
/// puts in, the link takes out and acknowledges; one lock guards it all.
/// </summary>
internal sealed class Outbox
{
    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly PublisherOptions _options;
    private readonly DropLedger _ledger = new();
    private readonly SendQueue _queue;
    private readonly SendWindow _window;
    private readonly Channel<bool> _sendable = Signal();
    private readonly Channel<bool> _room = Signal();
    private readonly PublisherStats _stats = new();
    private readonly ClockOffset _clockOffset = new();
    private readonly long _origin;
    private bool _captureComplete;

    public Outbox(PublisherOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        _origin = time.GetTimestamp();
        _queue = new SendQueue(options.Mode, options.AgeLimit, options.MemoryBytes, _ledger);
        _window = new SendWindow(
            options.WindowFrames, options.WindowBytes, options.Mode == PublishMode.Live ? options.QueueingBudget : null);
    }

    private TimeSpan Now => _time.GetElapsedTime(_origin);

    /// <summary>
    /// Numbers a captured frame and puts it in, taking over the caller's hold. In lossless mode waits for room; if that is cancelled
    /// the frame goes in all the same: it was captured, and none is lost silently.
    /// </summary>
    public async ValueTask OfferAsync(Frame frame, CancellationToken cancellation)
    {
        try
        {
            while (_options.Mode == PublishMode.Lossless && !HasRoom(frame.Buffer.Length))
                await _room.Reader.ReadAsync(cancellation).ConfigureAwait(false);
        }
        finally
        {
            lock (_lock)
                _queue.Add(frame with { Sequence = _stats.Captured(Now) }, Now);
            _sendable.Writer.TryWrite(true);
        }
    }

    /// <summary>Says that no frame will follow.</summary>
    public void CompleteCapture()
    {
        lock (_lock)
            _captureComplete = true;
        _sendable.Writer.TryWrite(true);
    }

    /// <summary>The next frame to send, waiting until there is one and the window is open; null when every frame has gone its way.</summary>
    public async ValueTask<Outgoing?> NextAsync(CancellationToken cancellation)
    {
        while (true)
        {
            lock (_lock)
            {
                // In here, so that whoever cancels and then finds nothing in flight knows that nothing will be.
                cancellation.ThrowIfCancellationRequested();
                if (_window.IsOpen(Now) && _queue.TryTake(Now, out var next))
                {
                    _window.Sent(next, Now);
                    _stats.Sent(Now - next.CapturedAt);
                    return new Outgoing(next.Frame.Retain(), _ledger.TakeUntold(next.Frame.Sequence));
                }

                if (IsComplete)
                    return null;
            }

            await _sendable.Reader.ReadAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Takes in the server's word on one frame.</summary>
    public void Acknowledge(ulong sequence, bool duplicate, ServerTimes server = default)
    {
        lock (_lock)
        {
            var (now, wallNow) = (Now, _time.GetUtcNow());
            if (!_window.TryAcknowledge(sequence, now, out var sent))
                return;
            var roundTrip = now - sent.SentAt;
            _stats.Acked(sent.Queued.Frame, duplicate ? null : roundTrip);
            if (duplicate)
                _stats.Duplicate();
            else
                _clockOffset.Learn(wallNow - roundTrip, server, wallNow);
            sent.Queued.Frame.Release();
        }

        Wake();
    }

    /// <summary>Drops a frame that the server refused, or that it is known to refuse.</summary>
    public void Reject(ulong sequence)
    {
        lock (_lock)
        {
            if (_window.TryTakeBack(sequence, out var sent))
                _ledger.Drop(sent.Queued.Frame, DropReason.Rejected);
        }

        Wake();
    }

    /// <summary>The server has answered on a link.</summary>
    public void LinkAnswered()
    {
        lock (_lock)
            _stats.Connected();
    }

    /// <summary>A link is up: what the server has is acknowledged, what it has not is sent again.</summary>
    /// <param name="received">The highest sequence that the server has; 0 for none.</param>
    /// <param name="roundTrip">How long it took to answer; null if it has not yet.</param>
    public void LinkUp(ulong received, TimeSpan? roundTrip = null)
    {
        lock (_lock)
        {
            var unacked = _window.Restart(roundTrip);
            foreach (var had in unacked.Where(frame => frame.Frame.Sequence <= received))
            {
                _stats.Acked(had.Frame, roundTrip: null);
                had.Frame.Release();
            }

            _queue.Return([.. unacked.Where(frame => frame.Frame.Sequence > received)]);
            _queue.LinkChanged(Now);
            _clockOffset.Restart();
        }

        Wake();
    }

    /// <summary>The link is gone. What was in flight stays until the next one tells what arrived.</summary>
    public void LinkDown()
    {
        lock (_lock)
            _queue.LinkChanged(null);
    }

    /// <summary>Nothing more will be sent: what still waits is dropped and counted.</summary>
    public void Abandon()
    {
        lock (_lock)
            _queue.Abandon();
    }

    /// <summary>Frames sent and not yet acknowledged.</summary>
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
                return _captureComplete && _queue.Count == 0 && _window.Count == 0;
        }
    }

    /// <summary>The lowest sequence that can still be sent.</summary>
    public ulong NextSequence
    {
        get
        {
            lock (_lock)
                return Math.Min(_window.Oldest ?? ulong.MaxValue, _queue.Oldest ?? _stats.LastSequence + 1);
        }
    }

    /// <summary>Where every frame is now.</summary>
    public PublisherSnapshot Snapshot()
    {
        lock (_lock)
            return _stats.Snapshot(Now, _ledger, _queue.Count, _window.Count) with { ClockOffset = _clockOffset.Value };
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

    private bool HasRoom(int bytes)
    {
        lock (_lock)
            return _queue.Count + _window.Count == 0 || _queue.Bytes + _window.Bytes + bytes <= _options.MemoryBytes;
    }

    private void Wake()
    {
        _sendable.Writer.TryWrite(true);
        _room.Writer.TryWrite(true);
    }

    private static Channel<bool> Signal() =>
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
}
