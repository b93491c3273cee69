using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace Framewire.Protocol.Log;

/// <summary>
/// Writes one segment, front to back. One owner; not thread-safe; every call is synchronous. Does not release the frames it is given.
/// A reader may read the file meanwhile.
/// </summary>
public sealed class SegmentWriter : IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly SegmentStart _start;
    private readonly ChunkBuilder _builder;
    private readonly SegmentContents _contents = new();
    private readonly List<ChunkPlace> _chunks = [];
    private ulong _lastLogTime;
    private bool _hasTornEnd;
    private bool _isClosed;

    private SegmentWriter(string path, SafeFileHandle file, SegmentStart start, long length)
    {
        (Path, _file, _start, Length) = (path, file, start, length);
        _builder = new ChunkBuilder(start.Header);
    }

    /// <summary>What it is of.</summary>
    public SegmentHeader Header => _start.Header;

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Bytes written.</summary>
    public long Length { get; private set; }

    /// <summary>Frames written.</summary>
    public long Frames => _contents.Frames;

    /// <summary>Frames whose results were written.</summary>
    public long Results => _contents.Results;

    /// <summary>The first frame's sequence; 0 without one.</summary>
    public ulong FirstSequence => _contents.FirstSequence;

    /// <summary>The last frame's sequence; 0 without one.</summary>
    public ulong LastSequence => _contents.LastSequence;

    /// <summary>When the earliest frame was captured; default without one.</summary>
    public DateTimeOffset FirstCapturedAt => _contents.FirstCapturedAt;

    /// <summary>When the latest frame was captured; default without one.</summary>
    public DateTimeOffset LastCapturedAt => _contents.LastCapturedAt;

    /// <summary>No frame or gap gets an earlier log time than this. A frame captured long before it belongs into another segment.</summary>
    public DateTimeOffset LastLogTime => LogTime.ToDateTimeOffset(_lastLogTime);

    /// <summary>Creates the file, which must not exist, with its header. The file's name is durable after that, its content after <see cref="FlushToDisk"/>.</summary>
    /// <exception cref="IOException">It cannot be created or written. Nothing is left of it then.</exception>
    public static SegmentWriter Create(string path, SegmentHeader header)
    {
        var bytes = new ArrayBufferWriter<byte>();
        var start = SegmentStart.Write(bytes, header);
        var file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        try
        {
            RandomAccess.Write(file, bytes.WrittenSpan, 0);
            DurableDirectory.FlushParentOf(path);
            return new SegmentWriter(path, file, start, bytes.WrittenCount);
        }
        catch
        {
            file.Dispose();
            File.Delete(path);
            throw;
        }
    }

    /// <summary>Writes entries as one chunk with one write; none is on disk for sure before <see cref="FlushToDisk"/>.</summary>
    /// <param name="entries">Frames and gaps; or results, and nothing else: then whoever wants results need not read pictures.</param>
    /// <exception cref="ArgumentException">The sequences of the frames do not ascend, results are among frames, or there are more than 1 GiB.</exception>
    /// <exception cref="IOException">
    /// The disk is full or failed. The file is cut back to its last whole chunk, now or before the next append, and more can be appended.
    /// </exception>
    public void Append(IReadOnlyList<LogEntry> entries)
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        if (entries.Count == 0)
            return;
        RequireAscending(entries);
        var isOfResults = entries[0] is LogEntry.Results;
        if (entries.Any(entry => entry is LogEntry.Results != isOfResults))
            throw new ArgumentException("Results have chunks of their own: append them by themselves.", nameof(entries));
        CrashPoints.Reach("segment-before-append");
        CutTornEnd();
        var chunk = _builder.Build(entries, Length, after: _lastLogTime);
        DieInTheMiddle(chunk);
        Write(chunk.Pieces);
        Length += chunk.Bytes;
        _chunks.Add(chunk.Place);
        _lastLogTime = isOfResults ? _lastLogTime : chunk.Place.EndTime;
        Count(entries);
        CrashPoints.Reach("segment-after-append");
    }

    /// <summary>Waits until all that was written is on disk.</summary>
    /// <exception cref="IOException">The disk failed: what was written since the last flush may be lost whatever a later flush says. Go on in another segment.</exception>
    public void FlushToDisk()
    {
        CrashPoints.Reach("segment-before-fsync");
        RandomAccess.FlushToDisk(_file);
        CrashPoints.Reach("segment-after-fsync");
    }

    /// <summary>What is in it now.</summary>
    public SegmentSummary Summary() => _contents.Summary(Header, Length, _isClosed, damage: []);

    /// <summary>Writes summary and footer, waits until all is on disk, and closes the file. A second call does nothing.</summary>
    /// <exception cref="IOException">The disk is full or failed: the file stays as it was, readable and not closed in order; this can be called again.</exception>
    public void Close()
    {
        if (_isClosed)
            return;
        CrashPoints.Reach("segment-before-close");
        CutTornEnd();
        var end = Length;
        try
        {
            Length = SegmentEnd.Write(_file, Length, _start, Summary(), _chunks);
            RandomAccess.FlushToDisk(_file);
        }
        catch
        {
            Length = end;
            _hasTornEnd = true;
            TryCutTornEnd();
            throw;
        }

        _isClosed = true;
        _file.Dispose();
        CrashPoints.Reach("segment-after-close");
    }

    /// <summary>Closes the file; without summary and footer, if <see cref="Close"/> was not called.</summary>
    public void Dispose()
    {
        _isClosed = true;
        _file.Dispose();
    }

    private void RequireAscending(IReadOnlyList<LogEntry> entries)
    {
        var last = LastSequence;
        foreach (var frame in entries.OfType<LogEntry.Picture>().Select(entry => entry.Frame))
        {
            if (frame.Sequence <= last)
                throw new ArgumentException($"Frame {frame.Sequence} cannot follow frame {last} in {Path}: sequences ascend in a segment.", nameof(entries));
            last = frame.Sequence;
        }
    }

    private void Write(IReadOnlyList<ReadOnlyMemory<byte>> pieces)
    {
        try
        {
            RandomAccess.Write(_file, pieces, Length);
        }
        catch
        {
            _hasTornEnd = true;
            TryCutTornEnd();
            throw;
        }
    }

    private void TryCutTornEnd()
    {
        try
        {
            CutTornEnd();
        }
        catch (IOException)
        {
            // Again before the next append, and, if there is none, by whoever opens the file.
        }
    }

    private void CutTornEnd()
    {
        if (!_hasTornEnd)
            return;
        RandomAccess.SetLength(_file, Length);
        _hasTornEnd = false;
    }

    private void Count(IReadOnlyList<LogEntry> entries)
    {
        foreach (var entry in entries)
        {
            if (entry is LogEntry.Picture { Frame: var frame })
                _contents.AddFrame(frame.Sequence, frame.CapturedAt);
            else if (entry is LogEntry.Missing { Gap: var gap })
                _contents.AddGap(gap);
            else if (entry is LogEntry.Results { Of: var results })
                _contents.AddResults(results);
        }
    }

    private void DieInTheMiddle(BuiltChunk chunk)
    {
        if (!CrashPoints.IsDue("segment-in-append"))
            return;
        var all = chunk.Pieces.SelectMany(piece => piece.ToArray()).ToArray();
        RandomAccess.Write(_file, all.AsSpan(0, all.Length / 2), Length);
        CrashPoints.Die();
    }
}
