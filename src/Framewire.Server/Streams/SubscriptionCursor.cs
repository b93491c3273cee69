using Framewire.Protocol.Video;

namespace Framewire.Server.Streams;

/// <summary>How far a lossy reader may fall behind before it jumps to the newest keyframe: whichever comes first.</summary>
/// <param name="Frames">In entries of the history.</param>
/// <param name="Time">In time since the frame came.</param>
public readonly record struct ReaderLag(int Frames, TimeSpan Time);

/// <summary>
/// Decides what one reader sees next of a <see cref="FrameHistory"/>: the next entry, a jump to the live edge, or nothing yet.
/// No I/O and no clock; moved only under the stream's lock.
/// </summary>
internal sealed class SubscriptionCursor(Overflow overflow, long position, ReaderLag maxLag, bool replay = false)
{
    /// <summary>Still reading the past on purpose: may lag as far as memory goes until it has caught up once.</summary>
    private bool _replaying = replay;
    private StreamSession? _session;
    private ulong _lastSequence;
    private bool _awaitingKeyframe = overflow != Overflow.Wait;

    /// <summary>What happens now when it falls behind: to wait, or to drop.</summary>
    public Overflow Overflow { get; private set; } = overflow is Overflow.Wait ? Overflow.Wait : Overflow.DropToKeyframe;

    /// <summary>How long the publisher waits for it; null for as long as for any lossless reader.</summary>
    public TimeSpan? Patience { get; init; }

    /// <summary>Whether the lists count it.</summary>
    public bool IsViewer { get; init; }

    /// <summary>Whether it is there for as long as the stream is: the stream is not kept for its sake.</summary>
    public bool IsResident { get; init; }

    /// <summary>The position of the next entry to read.</summary>
    public long Position { get; private set; } = position;

    public long Dropped { get; private set; }

    /// <summary>Set when a lossless reader held up the publisher for too long.</summary>
    public bool Detached { get; set; }

    /// <summary>A session goes on or begins: one that waits only for lossless ones goes by that from here on.</summary>
    public void Follow(FrameHistory history, StreamSession session)
    {
        if (overflow != Overflow.WaitIfLossless)
            return;
        Overflow = session.IsLossless ? Overflow.Wait : Overflow.DropToKeyframe;
        // Where it was may be gone, as is usual for one that drops.
        if (session.IsLossless && Position < history.First)
            Position = Math.Max(history.First, history.NewestKeyframe);
    }

    /// <summary>The next thing this reader sees, its frame retained for it; null if there is nothing new.</summary>
    public StreamEvent? TryNext(FrameHistory history, TimeSpan now)
    {
        if (Overflow == Overflow.DropToKeyframe)
            JumpIfBehind(history, now);

        while (Position < history.End)
        {
            var entry = history[Position];
            var next = entry is StreamEvent.Arrived arrived ? Deliver(arrived) : Pass(entry);
            if (next is not null)
                return next;
        }

        return null;
    }

    /// <summary>
    /// A reader that lags more than it may, or whose next entry was evicted, goes on at the newest keyframe; without one ahead of it, it
    /// waits for the next.
    /// </summary>
    private void JumpIfBehind(FrameHistory history, TimeSpan now)
    {
        var lags = history.End - Position > maxLag.Frames || IsStale(history, now);
        _replaying &= lags;
        var tooFar = !_replaying && lags && history.NewestKeyframe > Position;
        if (Position >= history.First && !tooFar)
            return;

        Position = Math.Max(history.First, history.NewestKeyframe);
        _awaitingKeyframe = true;
    }

    private bool IsStale(FrameHistory history, TimeSpan now) =>
        Position >= history.First && Position < history.End && history[Position] is StreamEvent.Arrived next && now - next.At > maxLag.Time;

    private StreamEvent? Deliver(StreamEvent.Arrived arrived)
    {
        if (arrived.Session != _session)
            return Begin(arrived.Session);

        if (arrived.IsBackfill)
            return DeliverBackfill(arrived);

        var sequence = arrived.Frame.Sequence;
        var contiguous = Overflow == Overflow.Wait || _lastSequence == 0 || sequence - 1 <= _lastSequence;
        if (Overflow == Overflow.DropToKeyframe && !arrived.Frame.IsKeyframe && (_awaitingKeyframe || !contiguous))
        {
            _awaitingKeyframe = true;
            Position++;
            return null;
        }

        if (!contiguous)
        {
            var gap = new Gap(_lastSequence + 1, sequence - 1, DropReason.Superseded);
            Dropped += (long)gap.Count;
            _lastSequence = sequence - 1;
            return new StreamEvent.Missed(arrived.Session, gap);
        }

        _awaitingKeyframe = false;
        _lastSequence = Math.Max(_lastSequence, sequence);
        Position++;
        arrived.Frame.Retain();
        return arrived;
    }

    private StreamEvent.Started Begin(StreamSession session)
    {
        _session = session;
        _lastSequence = 0;
        _awaitingKeyframe = Overflow == Overflow.DropToKeyframe;
        return new StreamEvent.Started(session);
    }

    /// <summary>Who watches has moved on; who must have every frame takes it, though it is out of order.</summary>
    private StreamEvent.Arrived? DeliverBackfill(StreamEvent.Arrived arrived)
    {
        Position++;
        if (Overflow == Overflow.DropToKeyframe)
            return null;
        arrived.Frame.Retain();
        return arrived;
    }

    /// <summary>
    /// A gap that the stream tells of accounts for the sequences in it, if a viewer had come right up to it; if not, its own
    /// gap will cover them. A lossless reader is told of every one, and makes up none. Everything else but frames passes as it is.
    /// </summary>
    private StreamEvent? Pass(StreamEvent entry)
    {
        if (entry is StreamEvent.Missed missed)
            return Overflow == Overflow.Wait ? PassToLossless(missed) : PassToViewer(missed);
        Position++;
        return entry;
    }

    private StreamEvent PassToLossless(StreamEvent.Missed missed)
    {
        if (missed.Session != _session)
            return Begin(missed.Session);

        Position++;
        _lastSequence = Math.Max(_lastSequence, missed.Gap.Last);
        return missed;
    }

    /// <summary>Nothing of what came before it, or was told late, of what was to be filled in.</summary>
    private StreamEvent.Missed? PassToViewer(StreamEvent.Missed missed)
    {
        Position++;
        if (missed.Session != _session || missed.Gap.First > _lastSequence + 1 || missed.Gap.Last <= _lastSequence)
            return null;
        var rest = missed with { Gap = missed.Gap with { First = _lastSequence + 1 } };
        _lastSequence = missed.Gap.Last;
        _awaitingKeyframe = true;
        return rest;
    }
}
