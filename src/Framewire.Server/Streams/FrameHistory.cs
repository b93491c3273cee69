namespace Framewire.Server.Streams;

/// <summary>
/// The last frames of a stream in memory, bounded in bytes, and the notes between them. Every entry has a position that
/// grows by one for ever; readers are positions. Owned by one <see cref="LiveStream"/>; not thread-safe.
/// </summary>
/// <remarks>
/// One history serves every reader: a reader costs a number, not a queue, and a frame is held once however many watch.
/// Holds each frame in it until the frame is evicted.
/// </remarks>
internal sealed class FrameHistory(long maxBytes, int maxEntries)
{
    private readonly StreamEvent?[] _ring = new StreamEvent?[maxEntries + 1];
    private long _bytes;

    /// <summary>The position of the oldest entry still here.</summary>
    public long First { get; private set; }

    /// <summary>The position that the next entry will get.</summary>
    public long End { get; private set; }

    /// <summary>The position of the newest keyframe, or -1 if there is none here.</summary>
    public long NewestKeyframe { get; private set; } = -1;

    /// <summary>Bytes of payload held.</summary>
    public long Bytes => _bytes;

    /// <summary>Takes over the caller's hold on a frame, and evicts what no longer fits. The newest entry always stays.</summary>
    public void Append(StreamEvent entry)
    {
        _ring[End++ % _ring.Length] = entry;
        if (entry is StreamEvent.Arrived arrived)
        {
            _bytes += arrived.Frame.Buffer.Length;
            if (arrived is { IsBackfill: false, Frame.IsKeyframe: true })
                NewestKeyframe = End - 1;
        }

        while (End - First > 1 && (_bytes > maxBytes || End - First > maxEntries))
            Evict();
    }

    /// <summary>The entry at a position from <see cref="First"/> to before <see cref="End"/>.</summary>
    public StreamEvent this[long position]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(position, First);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(position, End);
            return _ring[position % _ring.Length]!;
        }
    }

    /// <summary>The position of the first keyframe at or after <paramref name="position"/>, or <see cref="End"/>.</summary>
    public long KeyframeFrom(long position)
    {
        for (var at = Math.Max(position, First); at < End; at++)
        {
            if (this[at] is StreamEvent.Arrived { IsBackfill: false, Frame.IsKeyframe: true })
                return at;
        }

        return End;
    }

    /// <summary>
    /// The position of the last keyframe of <paramref name="session"/> whose sequence is at most <paramref name="sequence"/>;
    /// -1 if it is not here (any more).
    /// </summary>
    public long KeyframeAtOrBefore(StreamSession session, ulong sequence)
    {
        for (var at = End - 1; at >= First; at--)
        {
            if (this[at] is StreamEvent.Arrived { IsBackfill: false } arrived && arrived.Session == session
                && arrived.Frame.IsKeyframe && arrived.Frame.Sequence <= sequence)
            {
                return at;
            }
        }

        return -1;
    }

    /// <summary>The position of the oldest entry that would be left if a frame of <paramref name="bytes"/> were appended.</summary>
    public long FirstAfterAppending(int bytes)
    {
        var (first, held) = (First, _bytes + bytes);
        for (; first < End && (held > maxBytes || End + 1 - first > maxEntries); first++)
        {
            if (this[first] is StreamEvent.Arrived arrived)
                held -= arrived.Frame.Buffer.Length;
        }

        return first;
    }

    /// <summary>Releases everything.</summary>
    public void Clear()
    {
        while (End > First)
            Evict();
    }

    private void Evict()
    {
        ref var slot = ref _ring[First % _ring.Length];
        if (slot is StreamEvent.Arrived evicted)
        {
            _bytes -= evicted.Frame.Buffer.Length;
            evicted.Frame.Release();
        }

        slot = null;
        if (NewestKeyframe == First)
            NewestKeyframe = -1;
        First++;
    }
}
