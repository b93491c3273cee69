using Framewire.Edge.Spooling;
using Framewire.Protocol.Video;

namespace Framewire.Edge;

/// <content>The spool's half: what goes to disk, when it is sent from there, and who goes first.</content>
internal sealed partial class Outbox
{
    /// <summary>What has waited takes at most this share of the window while new frames go first.</summary>
    private const int BacklogShare = 4;

    private readonly bool _sourceCanWait;
    private readonly bool _liveFirst;
    private readonly SequenceSet _backlog = new();
    private readonly BacklogMeter _backlogMeter;
    private Spool? _spool;
    private bool _abandoned;
    private int _betweenPlaces;
    private bool _isWakeSet;

    /// <summary>Goes on with what a spool has. Before the first frame.</summary>
    public void Use(Spool spool)
    {
        lock (_lock)
        {
            _spool = spool;
            foreach (var run in spool.Waiting().Runs)
                _backlog.Add(run);
            _stats.Resume(spool.LastSequence, _backlog.Count);
            foreach (var lost in spool.Lost)
                _ledger.Tell(lost);
        }
    }

    /// <summary>Frames fell out of the spool.</summary>
    public void FellOut(IReadOnlyList<SequenceRun> runs, DropReason reason)
    {
        lock (_lock)
        {
            foreach (var mine in runs.SelectMany(_backlog.Within).ToList())
            {
                _backlog.Remove(mine);
                _ledger.Drop(mine, reason);
            }
        }

        Wake();
    }

    private void TakeIn(Frame frame)
    {
        lock (_lock)
        {
            frame = frame with { Sequence = _stats.Captured(Now) };
            _betweenPlaces++;
        }

        var onDisk = _spool?.TryAppend(frame) == true;
        lock (_lock)
        {
            _betweenPlaces--;
            if (_spool is null || _liveFirst)
                _queue.Add(frame, Now);
            else if (onDisk && (_backlog.Count > 0 || _queue.Bytes + frame.Buffer.Length > _options.MemoryBytes / 2))
                Defer(frame);
            else if (_queue.Bytes + frame.Buffer.Length <= _options.MemoryBytes)
                _queue.Add(frame, Now);
            else
                _ledger.Drop(frame, DropReason.SpoolFull);
        }
    }

    private bool HasRoom(int bytes)
    {
        lock (_lock)
        {
            if (_spool is { } spool)
                return !_sourceCanWait || _backlog.Count + (ulong)(_queue.Count + _window.Count + _unconfirmed.Count) == 0 || spool.HasRoom(bytes);
            return _queue.Count + _window.Count + _unconfirmed.Count == 0
                || _queue.Bytes + _window.Bytes + _unconfirmed.KeptBytes + bytes <= _options.MemoryBytes;
        }
    }

    /// <summary>A frame has to leave the queue: to the disk it is on, or for good.</summary>
    private void LetGo(Frame frame, DropReason reason)
    {
        if (_spool?.Has(frame.Sequence) == true)
            Defer(frame);
        else
            _ledger.Drop(frame, _spool is null || _abandoned ? reason : DropReason.SpoolFull);
    }

    private void Defer(Frame frame)
    {
        _backlog.Add(frame.Sequence);
        frame.Release();
    }

    private bool TryTakeFromMemory(out QueuedFrame next)
    {
        next = default;
        if (!_window.IsOpen(Now))
            return false;
        // In order, what is on disk goes first if it is earlier.
        if (!_liveFirst && _backlog.First is { } first && first < (_queue.Oldest ?? ulong.MaxValue))
            return false;
        return _queue.TryTake(Now, out next);
    }

    private ulong? TakeFromBacklog()
    {
        if (_backlog.First is not { } first || !_window.IsOpen(Now))
            return null;
        var share = Math.Max(1, _options.WindowFrames / BacklogShare);
        if (_liveFirst && (_window.FromDisk >= share || (_window.Count > 0 && _window.Bytes >= _options.WindowBytes / BacklogShare)))
            return null;
        if (_liveFirst && _backlogMeter.WaitAt(Now) is { } wait)
        {
            if (!_isWakeSet)
                _ = WakeAfterAsync(wait);
            _isWakeSet = true;
            return null;
        }

        _backlog.Remove(first);
        _betweenPlaces++;
        return first;
    }

    private async Task WakeAfterAsync(TimeSpan wait)
    {
        await Task.Delay(wait, _time).ConfigureAwait(false);
        lock (_lock)
            _isWakeSet = false;
        _sendable.Writer.TryWrite(true);
    }

    private Outgoing? FromDisk(ulong sequence)
    {
        var frame = _spool!.Read(sequence);
        lock (_lock)
        {
            _betweenPlaces--;
            if (frame is null)
            {
                _ledger.Drop(new SequenceRun(sequence, sequence), _spool.Has(sequence) ? DropReason.SpoolDamaged : DropReason.SpoolFull);
                _spool.Acked(new SequenceRun(sequence, sequence));
                Wake();
                return null;
            }

            _backlogMeter.Count(Now, frame.Buffer.Length);
            return Send(new QueuedFrame(frame, CapturedAt: null));
        }
    }

    /// <summary>The server has, from before, what is still on disk here.</summary>
    private void SettleBacklog(SequenceSet held)
    {
        foreach (var had in held.Runs.SelectMany(_backlog.Within).ToList())
        {
            _backlog.Remove(had);
            _stats.Acked(had.Count, bytes: 0);
            _spool?.Acked(had);
        }
    }

    /// <summary>Sent in vain: what is young goes out again at once, what has waited waits on disk.</summary>
    private void GiveBack(IReadOnlyList<UnconfirmedFrame> frames)
    {
        List<QueuedFrame> again = [];
        foreach (var frame in frames)
        {
            var isOnDisk = _spool?.Has(frame.Sequence) == true;
            if (frame.Kept is { } kept && (!isOnDisk || (_liveFirst && !_abandoned && kept.CapturedAt is not null)))
            {
                again.Add(kept);
                continue;
            }

            frame.Kept?.Frame.Release();
            if (isOnDisk)
                _backlog.Add(frame.Sequence);
            else
                _ledger.Drop(new SequenceRun(frame.Sequence, frame.Sequence), DropReason.SpoolFull);
        }

        _queue.Return(again);
    }
}
