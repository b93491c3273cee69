using Framewire.Protocol.Video;

namespace Framewire.Server.Streams;

/// <summary>One frame that processors are to look at, or have. Guarded by the stream's lock.</summary>
internal sealed class AwaitedResults(StreamSession session, Frame frame, bool isBackfill, TimeSpan at, IEnumerable<ProcessorSeat> seats)
{
    private readonly List<FrameResult> _results = [];

    public StreamSession Session => session;

    public ulong Sequence { get; } = frame.Sequence;

    public DateTimeOffset CapturedAt { get; } = frame.CapturedAt;

    public DateTimeOffset ReceivedAt { get; } = frame.ReceivedAt;

    /// <summary>Its trace, if it has one.</summary>
    public System.Diagnostics.Activity? Trace { get; } = frame.Trace;

    public TimeSpan Pts { get; } = frame.Pts;

    public bool IsBackfill => isBackfill;

    /// <summary>How many came before it.</summary>
    public long Index { get; set; }

    /// <summary>When the frame came, on the stream's clock.</summary>
    public TimeSpan At => at;

    /// <summary>Who has not taken it yet.</summary>
    public List<ProcessorSeat> Untaken { get; } = [.. seats];

    /// <summary>Who looks at it now.</summary>
    public List<ProcessorSeat> Taken { get; } = [];

    public bool IsDone => Untaken.Count + Taken.Count == 0;

    public IReadOnlyList<FrameResult> Results => _results;

    /// <summary>
    /// Whether who takes this frame has gone past another: one of an earlier session, or one that is shown before it. Late frames go a way of
    /// their own.
    /// </summary>
    public bool IsPast(AwaitedResults other) =>
        other.Session != session ? other.Index < Index
        : other.IsBackfill == isBackfill && (session.Format.EveryFrameIsKeyframe ? other.Index < Index : other.Pts < Pts);

    /// <summary>One answer; null for nothing to say.</summary>
    public void Add(FrameResult? result)
    {
        if (result is null)
            return;
        var at = _results.FindIndex(other => string.CompareOrdinal(other.Processor, result.Processor) > 0);
        _results.Insert(at < 0 ? _results.Count : at, result);
    }

    public FrameResults ToResults() => new(session.Id, Sequence, CapturedAt, _results);
}

/// <summary>
/// What a stream's processors owe and have given: frames in the order in which they came, complete ones in the same order, and the last
/// of these for whoever asks for them. Guarded by the stream's lock.
/// </summary>
internal sealed class ResultBoard(int maxPending, int maxKept, long maxKeptBytes)
{
    private readonly Queue<AwaitedResults> _pending = new();
    private readonly Queue<AwaitedResults> _kept = new();
    private readonly Dictionary<(string Session, ulong Sequence), AwaitedResults> _byFrame = [];
    private long _keptBytes;

    /// <summary>Whether any frame still waits for an answer.</summary>
    public bool HasPending => _pending.Count > 0;

    /// <summary>How many frames have come.</summary>
    public long Added { get; private set; }

    /// <summary>Every frame that waits for one, in the order in which they came.</summary>
    public IEnumerable<AwaitedResults> Pending => _pending;

    /// <summary>The position behind the last complete frame; positions grow for ever.</summary>
    public long End { get; private set; }

    /// <summary>The frame, if it waits or is kept.</summary>
    public AwaitedResults? Find(string session, ulong sequence) => _byFrame.GetValueOrDefault((session, sequence));

    /// <summary>A frame has come that processors are to look at.</summary>
    /// <returns>The oldest frame that waits, if there are more than may: it must wait no longer.</returns>
    public AwaitedResults? Add(AwaitedResults frame)
    {
        frame.Index = Added++;
        _pending.Enqueue(frame);
        _byFrame[(frame.Session.Id, frame.Sequence)] = frame;
        return _pending.Count > maxPending ? _pending.Peek() : null;
    }

    /// <summary>Takes out, in order, what is complete and has nothing before it that is not.</summary>
    public IReadOnlyList<AwaitedResults> TakeComplete()
    {
        if (!_pending.TryPeek(out var first) || !first.IsDone)
            return [];
        List<AwaitedResults> complete = [];
        while (_pending.TryPeek(out var next) && next.IsDone)
        {
            complete.Add(_pending.Dequeue());
            Keep(next);
        }

        return complete;
    }

    /// <summary>What became complete at or after a position and is still kept.</summary>
    public IEnumerable<AwaitedResults> KeptFrom(long position) => _kept.Skip((int)Math.Max(0, position - (End - _kept.Count)));

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _pending.Clear();
        _kept.Clear();
        _byFrame.Clear();
        _keptBytes = 0;
    }

    private void Keep(AwaitedResults frame)
    {
        _kept.Enqueue(frame);
        _keptBytes += SizeOf(frame);
        End++;
        while (_kept.Count > maxKept || (_keptBytes > maxKeptBytes && _kept.Count > 1))
        {
            var oldest = _kept.Dequeue();
            _keptBytes -= SizeOf(oldest);
            if (_byFrame.GetValueOrDefault((oldest.Session.Id, oldest.Sequence)) == oldest)
                _byFrame.Remove((oldest.Session.Id, oldest.Sequence));
        }
    }

    /// <summary>About what it takes in memory.</summary>
    private static long SizeOf(AwaitedResults frame) => 256 + frame.Results.Sum(result =>
        result.Data.Length + (result.Detections.Count * 128L) + (result.Error.Length * 2L) + result.Values.Sum(value => (value.Key.Length + value.Value.Length) * 2L));
}
