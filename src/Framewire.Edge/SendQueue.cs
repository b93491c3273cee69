using Framewire.Protocol.Video;

namespace Framewire.Edge;

/// <summary>A captured frame and when it came, on the monotonic clock; null for one that waited on disk.</summary>
internal readonly record struct QueuedFrame(Frame Frame, TimeSpan? CapturedAt);

/// <summary>
/// The frames captured and not yet sent, in order, and the rule of who has to leave: where the newest wins, what is too old, and
/// what follows goes on at a keyframe; where it does not, nobody. No clock and no lock: owned by one <see cref="Outbox"/>.
/// </summary>
/// <param name="newestWins">Whether old frames leave for new ones.</param>
/// <param name="ageLimit">How old is too old.</param>
/// <param name="maxBytes">How much may wait.</param>
/// <param name="leave">Takes over the hold on a frame that has to leave, and why.</param>
internal sealed class SendQueue(bool newestWins, TimeSpan ageLimit, long maxBytes, Action<Frame, DropReason> leave)
{
    private readonly LinkedList<QueuedFrame> _frames = new();
    private TimeSpan? _linkUpSince;
    private ulong _lastTaken;

    public int Count => _frames.Count;

    public long Bytes { get; private set; }

    /// <summary>The lowest sequence that waits.</summary>
    public ulong? Oldest => _frames.First?.Value.Frame.Sequence;

    /// <summary>Tells the queue of the link, so that a drop is laid to the right cause. Null while there is none.</summary>
    public void LinkChanged(TimeSpan? upSince) => _linkUpSince = upSince;

    /// <summary>Adds the newest frame; in live mode that may push old ones out.</summary>
    public void Add(Frame frame, TimeSpan now)
    {
        _frames.AddLast(new QueuedFrame(frame, now));
        Bytes += frame.Buffer.Length;
        if (!newestWins)
            return;

        while (_frames.First is { } oldest && IsTooOld(oldest.Value, now))
            DropFirst(LateOrDisconnected(oldest.Value));
        while (Bytes > maxBytes && _frames.Count > 1)
            DropFirst(DropReason.Overflow);
    }

    /// <summary>Puts frames that were sent in vain back to the front. Oldest first.</summary>
    public void Return(IReadOnlyList<QueuedFrame> frames)
    {
        for (var i = frames.Count - 1; i >= 0; i--)
        {
            _frames.AddFirst(frames[i]);
            Bytes += frames[i].Frame.Buffer.Length;
        }

        if (frames.Count > 0)
            _lastTaken = frames[0].Frame.Sequence - 1;
    }

    /// <summary>Takes the next frame to send.</summary>
    public bool TryTake(TimeSpan now, out QueuedFrame next)
    {
        if (newestWins && _frames.First is { } oldest && IsTooOld(oldest.Value, now))
            JumpToNewestKeyframe(now);

        while (_frames.First is { } first)
        {
            next = first.Value;
            if (newestWins && !next.Frame.IsKeyframe && next.Frame.Sequence != _lastTaken + 1)
            {
                DropFirst(DropReason.AwaitingKeyframe);
                continue;
            }

            Remove();
            _lastTaken = next.Frame.Sequence;
            return true;
        }

        next = default;
        return false;
    }

    /// <summary>Drops everything that waits.</summary>
    public void Abandon()
    {
        while (_frames.Count > 0)
            DropFirst(DropReason.Abandoned);
    }

    private void JumpToNewestKeyframe(TimeSpan now)
    {
        var target = _frames.Last;
        while (target is not null && (!target.Value.Frame.IsKeyframe || IsTooOld(target.Value, now)))
            target = target.Previous;

        while (_frames.First is { } first && first != target)
        {
            var expired = IsTooOld(first.Value, now);
            if (!expired && target is null)
                break;
            DropFirst(expired ? LateOrDisconnected(first.Value) : DropReason.Superseded);
        }
    }

    private bool IsTooOld(QueuedFrame frame, TimeSpan now) => now - frame.CapturedAt > ageLimit;

    private DropReason LateOrDisconnected(QueuedFrame frame) =>
        _linkUpSince is { } since && frame.CapturedAt >= since ? DropReason.Late : DropReason.Disconnected;

    private void DropFirst(DropReason reason)
    {
        var dropped = _frames.First!.Value.Frame;
        Remove();
        leave(dropped, reason);
    }

    private void Remove()
    {
        Bytes -= _frames.First!.Value.Frame.Buffer.Length;
        _frames.RemoveFirst();
    }
}
