using Framewire.Protocol.Log;
using Framewire.Protocol.Video;
using Framewire.Server.Streams;

namespace Framewire.Server.Recording;

/// <summary>
/// What has come for one stream since the last write, in two orders: as it came, and what came late. Holds the frames in it. Owned by one
/// <see cref="StreamRecorder"/>; not thread-safe.
/// </summary>
internal sealed class RecordingBatch
{
    private readonly List<LogEntry> _live = [];
    private readonly List<LogEntry> _late = [];
    private readonly List<FrameResults> _results = [];
    private readonly SequenceSet _runs = new();
    private SequenceSet _written = new();
    private string _session = "";
    private long? _since;

    /// <summary>Whether nothing waits.</summary>
    public bool IsEmpty => _live.Count == 0 && _late.Count == 0 && _results.Count == 0;

    /// <summary>Bytes of payload that wait.</summary>
    public long Bytes { get; private set; }

    /// <summary>The sequences that wait, frames and told gaps.</summary>
    public IReadOnlyList<SequenceRun> Runs => _runs.Runs;

    /// <summary>The highest sequence of the session that was ever taken in here; null before the first.</summary>
    public ulong? LastSequence => _written.Last;

    /// <summary>Another session begins, of which so much is on disk.</summary>
    public void Begin(string session, IReadOnlyList<SequenceRun> persisted) => (_session, _written) = (session, new SequenceSet(persisted));

    /// <summary>Whether a frame of the session waits or is on disk.</summary>
    public bool HasWritten(ulong sequence) => _written.Contains(sequence);

    /// <summary>How long what waits may wait yet.</summary>
    public TimeSpan TimeLeft(TimeSpan interval, TimeProvider time) =>
        _since is { } since ? interval - time.GetElapsedTime(since) : interval;

    /// <summary>Adds an entry; takes over the hold on a frame in it.</summary>
    public void Add(LogEntry entry, StreamSession session, bool isLate, TimeProvider time)
    {
        _since ??= time.GetTimestamp();
        (isLate ? _late : _live).Add(entry);
        var run = entry switch
        {
            LogEntry.Picture { Frame: var frame } => new SequenceRun(frame.Sequence, frame.Sequence),
            LogEntry.Missing { Gap.Gap: var gap } => new SequenceRun(gap.First, gap.Last),
            _ => throw new InvalidOperationException($"A {entry.GetType().Name} cannot be recorded."),
        };
        Bytes += entry is LogEntry.Picture picture ? picture.Frame.Buffer.Length : 0;
        if (session.Id != _session)
            return;
        _runs.Add(run);
        _written.Add(run);
    }

    /// <summary>Adds what processors made of a frame, of these or from before.</summary>
    public void Add(FrameResults results, TimeProvider time)
    {
        _since ??= time.GetTimestamp();
        _results.Add(results);
    }

    /// <summary>Writes it all and waits until it is safe.</summary>
    /// <exception cref="IOException">The disk does not take it; some of it may be there.</exception>
    public void WriteTo(SegmentLane live, SegmentLane late, SegmentHeader header)
    {
        // Late frames come in order, run by run; whoever sends them otherwise gets a file more.
        if (_late.Count > 0)
            late.Append(header, _late);
        if (_live.Count > 0)
            live.Append(header, GapTimes.Filled(_live, live.LastCapturedAt));
        var beside = live.IsOpen || !late.IsOpen ? live : late;
        if (_results.Count > 0)
            beside.AppendResults(header, _results);
        if (_late.Count > 0 || (_results.Count > 0 && beside == late))
            late.Flush();
        if (_live.Count > 0 || (_results.Count > 0 && beside == live))
            live.Flush();
    }

    /// <summary>Tells how long each frame that was written took to get there.</summary>
    public void Tell(LevelTimes times, TimeProvider time)
    {
        foreach (var picture in _live.Concat(_late).OfType<LogEntry.Picture>())
            times.Count(HeldLevel.Persisted, picture.Frame, time);
    }

    /// <summary>Releases what was written.</summary>
    public void Clear()
    {
        ClearFrames();
        _results.Clear();
        _since = null;
    }

    /// <summary>The frames that wait were not written, and will not be. Results are kept: what is written twice is read once.</summary>
    public void Forget()
    {
        ClearFrames();
        _written = new SequenceSet();
    }

    private void ClearFrames()
    {
        foreach (var picture in _live.Concat(_late).OfType<LogEntry.Picture>())
            picture.Frame.Release();
        _live.Clear();
        _late.Clear();
        _runs.Clear();
        Bytes = 0;
    }
}
