using Framewire.Protocol.Log;
using Framewire.Protocol.Video;

namespace Framewire.Server.Recording;

/// <summary>
/// Writes one ascending run of a stream's frames into segment after segment. Owned by one <see cref="StreamRecorder"/>, which has two: one
/// for frames as they come, one for those that come late. Not thread-safe; every call is synchronous.
/// </summary>
internal sealed class SegmentLane(RecordingStore store, RecordingOptions options, TimeProvider time)
{
    /// <summary>A clock that goes back further begins another segment: within one, times ascend.</summary>
    private static readonly TimeSpan ClockStep = TimeSpan.FromSeconds(1);

    /// <summary>What was captured further apart goes into two chunks of results.</summary>
    private static readonly TimeSpan ResultsSpan = TimeSpan.FromSeconds(10);

    private readonly List<LogEntry> _chunk = [];
    private SegmentWriter? _writer;
    private SegmentRow? _row;
    private long _openedAt;
    private ulong _accounted;
    private bool _broken;
    private long _chunkBytes;

    /// <summary>When the last frame was captured; default before the first.</summary>
    public DateTimeOffset LastCapturedAt { get; private set; }

    /// <summary>Whether there is a segment that has been open for as long as it may.</summary>
    public bool IsOverdue => _writer is not null && time.GetElapsedTime(_openedAt) >= options.SegmentDuration;

    /// <summary>Whether there is a segment.</summary>
    public bool IsOpen => _writer is not null;

    /// <summary>The next frame begins another segment: nothing was captured for a while before it.</summary>
    public void Break() => _broken = true;

    /// <summary>Writes entries, in as many segments as they need. None is safe before <see cref="Flush"/>.</summary>
    /// <exception cref="IOException">The disk does not take them.</exception>
    public void Append(SegmentHeader header, IReadOnlyList<LogEntry> entries)
    {
        foreach (var entry in entries)
        {
            if (entry is LogEntry.Picture { Frame: var frame } && MustBegin(header, frame))
            {
                WriteChunk();
                Begin(header);
            }
            else if (_writer is null)
            {
                Begin(header);
            }

            _chunk.Add(entry);
            Account(entry);
        }

        WriteChunk();
    }

    /// <summary>Writes results beside the frames that were written last, whichever frames they are of. None is safe before <see cref="Flush"/>.</summary>
    /// <param name="header">What the segment is of, if there is none yet.</param>
    /// <param name="results">In any order. A chunk of them has a short span of time, as readers take in overlapping ones together.</param>
    /// <exception cref="IOException">The disk does not take them.</exception>
    public void AppendResults(SegmentHeader header, IReadOnlyList<FrameResults> results)
    {
        if (_writer is null)
            Begin(header);
        List<LogEntry> chunk = [];
        foreach (var frame in results.OrderBy(frame => frame.CapturedAt))
        {
            if (chunk.Count > 0 && frame.CapturedAt - ((LogEntry.Results)chunk[0]).Of.CapturedAt > ResultsSpan)
            {
                _writer!.Append(chunk);
                chunk.Clear();
            }

            chunk.Add(new LogEntry.Results(frame));
        }

        _writer!.Append(chunk);
    }

    /// <summary>Waits until everything appended is on disk.</summary>
    public void Flush()
    {
        if (_writer is null)
            return;
        _writer.FlushToDisk();
        // Written, and in no folder any more: nobody would ever find it.
        if (!File.Exists(_writer.Path))
            throw new IOException($"{_writer.Path} is gone while it was being written.");
        store.Catalogue.Written(_row = _row!.With(_writer.Summary()));
    }

    /// <summary>Closes the segment in order.</summary>
    public void Close()
    {
        if (_writer is null)
            return;
        _writer.Close();
        store.Catalogue.Closed(_row!.With(_writer.Summary()));
        _writer.Dispose();
        (_writer, _row) = (null, null);
    }

    /// <summary>The disk has failed: leaves the file as it is.</summary>
    /// <returns>The segment to look into when the disk is well again.</returns>
    public SegmentRow? Abandon()
    {
        _chunk.Clear();
        _chunkBytes = 0;
        _writer?.Dispose();
        var row = _row;
        (_writer, _row) = (null, null);
        return row;
    }

    private bool MustBegin(SegmentHeader header, Frame frame)
    {
        if (_writer is not { } writer)
            return true;
        var (session, format) = (writer.Header.Session, writer.Header.Format);
        var bytes = writer.Length + _chunkBytes;
        var isFull = bytes >= options.SegmentBytes || IsOverdue;
        return _broken || session != header.Session || format != header.Format || (_accounted != 0 && frame.Sequence != _accounted + 1)
            || (isFull && frame.IsKeyframe) || bytes >= 2 * options.SegmentBytes || LastCapturedAt - frame.CapturedAt > ClockStep;
    }

    private void Begin(SegmentHeader header)
    {
        Close();
        var file = store.Folder.NextFile(header.Stream, time.GetUtcNow());
        _row = store.Catalogue.Opened(header, file);
        _writer = SegmentWriter.Create(store.Folder.PathOf(header.Stream, file), header);
        (_openedAt, _broken, _accounted) = (time.GetTimestamp(), false, 0);
    }

    private void WriteChunk()
    {
        if (_chunk.Count == 0)
            return;
        _writer!.Append(_chunk);
        _chunk.Clear();
        _chunkBytes = 0;
    }

    private void Account(LogEntry entry)
    {
        switch (entry)
        {
            case LogEntry.Picture { Frame: var frame }:
                _accounted = frame.Sequence;
                _chunkBytes += frame.Buffer.Length;
                LastCapturedAt = frame.CapturedAt;
                break;
            case LogEntry.Missing { Gap.Gap: var gap } when _accounted != 0 && gap.First <= _accounted + 1:
                _accounted = Math.Max(_accounted, gap.Last);
                break;
        }
    }
}
