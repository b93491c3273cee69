using Framewire.Protocol.Video;

namespace Framewire.Edge;

/// <summary>A frame that the server has, but not yet at the level asked for.</summary>
/// <param name="Sequence">Its sequence.</param>
/// <param name="Bytes">Its payload's size.</param>
/// <param name="SentAt">When it was sent, on the monotonic clock.</param>
/// <param name="Kept">The frame, held, if it is not on disk as well.</param>
internal readonly record struct UnconfirmedFrame(ulong Sequence, int Bytes, TimeSpan SentAt, QueuedFrame? Kept);

/// <summary>The frames that the server has received and that must come further, by sequence. No clock and no lock: owned by one <see cref="Outbox"/>.</summary>
internal sealed class UnconfirmedFrames
{
    private readonly SortedDictionary<ulong, UnconfirmedFrame> _frames = [];

    public int Count => _frames.Count;

    /// <summary>Bytes of the frames held in memory.</summary>
    public long KeptBytes { get; private set; }

    /// <summary>The lowest sequence.</summary>
    public ulong? Oldest => _frames.Count > 0 ? _frames.First().Key : null;

    /// <summary>Adds a frame; takes over the hold on it, if it is kept.</summary>
    public void Add(UnconfirmedFrame frame)
    {
        _frames[frame.Sequence] = frame;
        KeptBytes += frame.Kept is null ? 0 : frame.Bytes;
    }

    /// <summary>Takes out every frame of a run, oldest first.</summary>
    public IReadOnlyList<UnconfirmedFrame> Take(SequenceRun run)
    {
        List<UnconfirmedFrame> taken = [.. _frames.Values.SkipWhile(frame => frame.Sequence < run.First).TakeWhile(frame => frame.Sequence <= run.Last)];
        foreach (var frame in taken)
        {
            _frames.Remove(frame.Sequence);
            KeptBytes -= frame.Kept is null ? 0 : frame.Bytes;
        }

        return taken;
    }
}
