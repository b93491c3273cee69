using System.Threading.Channels;
using Framewire.Protocol.Video;

namespace Framewire.Edge;

/// <summary>A frame to send now, held for the sender, and what to tell the server before it.</summary>
internal readonly record struct Outgoing(Frame Frame, IReadOnlyList<Gap> Gaps);

/// <summary>
/// Everything captured and not yet acknowledged: the queue, the spool, the window, and the count of where each frame went. The capture
/// loop puts in, the link takes out and acknowledges; one lock guards it all.
/// </summary>
internal sealed partial class Outbox
{
    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly PublisherOptions _options;
    private readonly DropLedger _ledger = new();
    private readonly SendQueue _queue;
    private readonly SendWindow _window;
    private readonly UnconfirmedFrames _unconfirmed = new();
    private readonly Channel<bool> _sendable = Signal();
    private readonly Channel<bool> _room = Signal();
    private readonly PublisherStats _stats = new();
    private readonly ClockOffset _clockOffset = new();
    private readonly long _origin;
    private bool _captureComplete;

    /// <param name="options">How to publish.</param>
    /// <param name="time">The clock.</param>
    /// <param name="sourceCanWait">Whether the source can be made to wait: then no frame falls out of a full spool, and order is kept.</param>
    public Outbox(PublisherOptions options, TimeProvider time, bool sourceCanWait = false)
    {
        _options = options;
        _time = time;
        _origin = time.GetTimestamp();
        _sourceCanWait = sourceCanWait;
        _liveFirst = options.Spool is { IsOn: true, InOrder: false } && !sourceCanWait;
        var newestWins = options.Mode == PublishMode.Live || _liveFirst;
        _queue = new SendQueue(newestWins, options.AgeLimit, options.MemoryBytes, LetGo);
        _window = new SendWindow(options.WindowFrames, options.WindowBytes, newestWins ? options.QueueingBudget : null);
        _backlogMeter = new BacklogMeter(options.Spool.BacklogBytesPerSecond);
    }

    private TimeSpan Now => _time.GetElapsedTime(_origin);

    /// <summary>
    /// Numbers a captured frame and puts it in, taking over the caller's hold. In lossless mode waits for room, unless the source cannot
    /// wait and there is a spool; if that is cancelled the frame goes in all the same: it was captured, and none is lost silently.
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
            TakeIn(frame);
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

    /// <summary>The next frame to send, waiting until there is one and the window is open; null when there is nothing more to send.</summary>
    public async ValueTask<Outgoing?> NextAsync(CancellationToken cancellation)
    {
        while (true)
        {
            ulong? waitsOnDisk;
            lock (_lock)
            {
                // In here, so that whoever cancels and then finds nothing in flight knows that nothing will be.
                cancellation.ThrowIfCancellationRequested();
                if (TryTakeFromMemory(out var next))
                    return Send(next);
                waitsOnDisk = TakeFromBacklog();
                if (waitsOnDisk is null && HasNothingToSend)
                    return null;
            }

            if (waitsOnDisk is { } sequence)
            {
                if (FromDisk(sequence) is { } read)
                    return read;
                continue;
            }

            await _sendable.Reader.ReadAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Runs of dropped frames that no frame will follow.</summary>
    public IReadOnlyList<Gap> TakeLastGaps()
    {
        lock (_lock)
            return _ledger.TakeUntold(ulong.MaxValue);
    }

    /// <summary>Takes in the server's word on one frame.</summary>
    public void Acknowledge(ulong sequence, bool duplicate, ServerTimes server = default, PublishAck level = PublishAck.Received)
    {
        lock (_lock)
        {
            var (now, wallNow) = (Now, _time.GetUtcNow());
            if (!_window.TryAcknowledge(sequence, now, out var sent))
                return;
            var roundTrip = now - sent.SentAt;
            if (duplicate)
            {
                _stats.Duplicate();
            }
            else
            {
                _stats.RoundTrip(roundTrip);
                _clockOffset.Learn(wallNow - roundTrip, server, wallNow);
            }

            if (level >= _options.Ack)
                Settle(sent.Queued.Frame);
            else
                Await(sent);
        }

        Wake();
    }

    /// <summary>Takes in the server's word that every frame of a run has come to a level.</summary>
    public void Acknowledge(SequenceRun run, PublishAck level)
    {
        lock (_lock)
        {
            if (level < _options.Ack)
                return;
            var now = Now;
            foreach (var frame in _unconfirmed.Take(run))
            {
                _stats.Reached(level, now - frame.SentAt);
                Settle(frame);
            }

            // The word that it was received may still be on its way.
            foreach (var sent in _window.TakeWithin(run))
            {
                _stats.Reached(level, now - sent.SentAt);
                Settle(sent.Queued.Frame);
            }
        }

        Wake();
    }

    /// <summary>Drops a frame that the server refused, or that it is known to refuse.</summary>
    public void Reject(ulong sequence)
    {
        lock (_lock)
        {
            if (_window.TryTakeBack(sequence, out var sent))
            {
                _spool?.Acked(new SequenceRun(sequence, sequence));
                _ledger.Drop(sent.Queued.Frame, DropReason.Rejected);
            }
        }

        Wake();
    }

    /// <summary>The server has answered on a link.</summary>
    public void LinkAnswered()
    {
        lock (_lock)
            _stats.Connected();
    }

    /// <summary>A link is up: what the server has at the level asked for is settled, what it has not is sent again.</summary>
    /// <param name="held">What it has.</param>
    /// <param name="roundTrip">How long it took to answer; null if it has not yet.</param>
    public void LinkUp(SequenceSet held, TimeSpan? roundTrip = null)
    {
        lock (_lock)
        {
            var unacked = TakeUnacked(roundTrip);
            foreach (var had in unacked.Where(frame => held.Contains(frame.Sequence)))
                Settle(had);
            SettleBacklog(held);
            _ledger.LinkUp(held);
            GiveBack([.. unacked.Where(frame => !held.Contains(frame.Sequence))]);
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

    /// <summary>Nothing more will be sent, and no link is left: what still waits is dropped and counted, but for what stays on disk.</summary>
    public void Abandon()
    {
        lock (_lock)
        {
            _abandoned = true;
            if (_spool is not null)
                GiveBack(TakeUnacked(roundTrip: null));
            _queue.Abandon();
        }
    }

    /// <summary>Everything sent and not at the level asked for, oldest first.</summary>
    private List<UnconfirmedFrame> TakeUnacked(TimeSpan? roundTrip) =>
    [
        .. _window.Restart(roundTrip)
            .Select(queued => new UnconfirmedFrame(queued.Frame.Sequence, queued.Frame.Buffer.Length, default, queued))
            .Concat(_unconfirmed.Take(new SequenceRun(0, ulong.MaxValue)))
            .OrderBy(frame => frame.Sequence),
    ];

    private Outgoing Send(QueuedFrame next)
    {
        _window.Sent(next, Now);
        _stats.Sent(Now - next.CapturedAt);
        return new Outgoing(next.Frame.Retain(), _ledger.TakeUntold(next.Frame.Sequence));
    }

    /// <summary>It is received, and has to come further.</summary>
    private void Await(SentFrame sent)
    {
        var frame = sent.Queued.Frame;
        var keep = _spool?.Has(frame.Sequence) != true;
        _unconfirmed.Add(new(frame.Sequence, frame.Buffer.Length, sent.SentAt, keep ? sent.Queued : null));
        if (!keep)
            frame.Release();
        while (_options.Mode == PublishMode.Live && _unconfirmed.KeptBytes > _options.MemoryBytes && _unconfirmed.Oldest is { } oldest)
        {
            foreach (var dropped in _unconfirmed.Take(new SequenceRun(oldest, oldest)))
                _ledger.Drop(dropped.Kept!.Value.Frame, _options.Ack == PublishAck.Processed ? DropReason.NotProcessed : DropReason.NotRecorded);
        }
    }

    private void Settle(UnconfirmedFrame frame)
    {
        _stats.Acked(1, frame.Bytes);
        _spool?.Acked(new SequenceRun(frame.Sequence, frame.Sequence));
        frame.Kept?.Frame.Release();
    }

    private void Settle(Frame frame)
    {
        _stats.Acked(1, frame.Buffer.Length);
        _spool?.Acked(new SequenceRun(frame.Sequence, frame.Sequence));
        frame.Release();
    }

    private void Wake()
    {
        _sendable.Writer.TryWrite(true);
        _room.Writer.TryWrite(true);
    }

    private static Channel<bool> Signal() =>
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
}
