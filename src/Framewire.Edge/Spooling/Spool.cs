using Framewire.Protocol.Log;
using Framewire.Protocol.Video;

namespace Framewire.Edge.Spooling;

/// <summary>
/// The frames of one session on disk, from their capture until they are acknowledged. The capture loop appends, the sending loop reads,
/// acks take out, and a timer flushes and tidies up; one lock guards the list of files, another the newest file.
/// </summary>
/// <remarks>
/// A frame is in the page cache before it can be sent, so that a crash of the program takes none; a power cut takes what was not flushed.
/// </remarks>
internal sealed partial class Spool : IDisposable
{
    /// <summary>Sequences reserved at a time; each reservation is an fsync.</summary>
    private const ulong Reservation = 256;

    private readonly Lock _lock = new();
    private readonly Lock _writing = new();
    private readonly SpooledSession _session;
    private readonly SpoolOptions _options;
    private readonly SpoolReader _reader = new();
    private readonly List<SpoolSegment> _segments;
    private readonly long _segmentBytes;
    private int _ordinal;
    private bool _unflushed;
    private ulong _given;
    private DateTimeOffset _now;
    private long _tidiedBytes;

    /// <param name="session">Whose frames.</param>
    /// <param name="options">How much of them.</param>
    /// <param name="recovered">What is there of it.</param>
    /// <param name="now">The clock that <see cref="Tidy"/> will be given.</param>
    internal Spool(SpooledSession session, SpoolOptions options, SpoolRecovery recovered, DateTimeOffset now)
    {
        (_session, _options, _segments, _ordinal) = (session, options, recovered.Segments, recovered.LastOrdinal);
        (LastSequence, LastPts, Lost) = (recovered.LastSequence, recovered.LastPts, recovered.Lost);
        _given = LastSequence;
        _segmentBytes = Math.Min(options.SegmentBytes, Math.Max(64 << 10, Math.Min(options.MaxBytes, SpoolDisk.Of(session.Path)?.Total ?? long.MaxValue) / 16));
        _now = now;
    }

    /// <summary>The session that the frames belong to.</summary>
    public SpooledSession Session => _session;

    /// <summary>The highest sequence that was given before this spool was opened.</summary>
    public ulong LastSequence { get; }

    /// <summary>The latest presentation time on disk then.</summary>
    public TimeSpan LastPts { get; }

    /// <summary>Numbers of frames that are gone, for certain or perhaps.</summary>
    public IReadOnlyList<Gap> Lost { get; }

    /// <summary>Told, outside any lock, of frames that fell out.</summary>
    public required Action<IReadOnlyList<SequenceRun>, DropReason> FellOut { get; init; }

    /// <summary>Told, outside any lock, that the disk does not take frames, and when it does again (null).</summary>
    public required Action<string?> DiskRefused { get; init; }

    /// <summary>Everything on disk that is not acknowledged.</summary>
    public SequenceSet Waiting()
    {
        lock (_lock)
            return new SequenceSet(_segments.SelectMany(segment => segment.Waiting.Runs));
    }

    /// <summary>Whether a frame is on disk and not acknowledged.</summary>
    public bool Has(ulong sequence)
    {
        lock (_lock)
            return _segments.Exists(segment => segment.Waiting.Contains(sequence));
    }

    /// <summary>Bytes on disk.</summary>
    public long Bytes
    {
        get
        {
            lock (_lock)
                return _segments.Sum(segment => segment.Bytes);
        }
    }

    /// <summary>Whether so many bytes more fit without anything falling out.</summary>
    public bool HasRoom(int bytes) => Bytes + bytes + _segmentBytes <= _options.MaxBytes && !IsDiskTooFull();

    /// <summary>Puts the newest frame on disk, in the page cache; what is oldest may fall out for it.</summary>
    /// <returns>False if it could not be written, even so.</returns>
    public bool TryAppend(Frame frame)
    {
        lock (_writing)
        {
            for (var hasBegunAgain = false; ; hasBegunAgain = true)
            {
                try
                {
                    Reserve(frame.Sequence);
                    Write(frame);
                    DiskRefused(null);
                    return true;
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    DiskRefused(e.Message);
                    if (SpoolDisk.IsFull(e) ? !TryMakeRoom() : hasBegunAgain || !TryBeginAgain())
                        return false;
                }
            }
        }
    }

    /// <summary>A frame as it was captured, which the caller holds; null if it is not there or cannot be read. The sending loop only.</summary>
    public Frame? Read(ulong sequence)
    {
        string? path;
        lock (_lock)
            path = _segments.Find(segment => segment.Waiting.Contains(sequence))?.Path;
        return path is null ? null : _reader.Read(path, sequence);
    }

    /// <summary>Frames that need not be kept any more.</summary>
    public void Acked(SequenceRun run)
    {
        lock (_lock)
        {
            foreach (var segment in _segments)
                segment.Waiting.Remove(run);
        }
    }

    /// <summary>Makes what was appended safe from a power cut, deletes what is acknowledged, and lets fall out what is too much or too old.</summary>
    /// <param name="now">A clock that does not jump.</param>
    public void Tidy(DateTimeOffset now)
    {
        lock (_writing)
        {
            _now = now;
            var newest = Newest;
            try
            {
                if (_unflushed && newest is not null)
                    newest.FlushToDisk();
                _unflushed = false;
                if (newest is not null && !File.Exists(newest.Path))
                    BeginAgain();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // What an fsync failed on may be lost whatever a later one says: it goes on in another file.
                DiskRefused(e.Message);
                LeaveNewest();
            }

            DeleteAcknowledged();
            if (_options.MaxAge is { } age)
                DropWhile(segment => segment.NewestAt < now - age, DropReason.SpoolExpired);
            DropWhile(_ => Bytes > _options.MaxBytes, DropReason.SpoolFull);
            // Whoever else fills the disk is not helped by frames that fall out: the spool only does not add to it.
            if (IsDiskTooFull() && Bytes > _tidiedBytes)
                DropOldest(DropReason.SpoolFull);
            _tidiedBytes = Bytes;
        }
    }

    /// <summary>The session is over and all of it acknowledged: nothing is kept.</summary>
    public void Finish()
    {
        Dispose();
        CrashPoints.Reach("spool-before-finish");
        try
        {
            Directory.Delete(_session.Path, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Nothing in it is needed any more: the next run asks the server, and tries again.
            DiskRefused(e.Message);
        }
    }

    public void Dispose()
    {
        lock (_writing)
        {
            _reader.Dispose();
            if (Newest is not { } newest)
                return;
            try
            {
                newest.Close();
                _session.ReservedThrough = _given;
                _session.Save();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The disk is full, or gone: the next run finds out what is there.
            }

            newest.Dispose();
            lock (_lock)
                _segments[^1].Writer = null;
        }
    }

    private SegmentWriter? Newest
    {
        get
        {
            lock (_lock)
                return _segments.Count > 0 ? _segments[^1].Writer : null;
        }
    }

    private void Reserve(ulong sequence)
    {
        _given = sequence;
        if (sequence <= _session.ReservedThrough && _session.Boot == SpoolRecovery.Boot)
            return;
        var before = (_session.ReservedThrough, _session.Boot);
        (_session.ReservedThrough, _session.Boot) = (sequence + Reservation - 1, SpoolRecovery.Boot);
        try
        {
            CrashPoints.Reach("spool-before-reserve");
            _session.Save();
            CrashPoints.Reach("spool-after-reserve");
        }
        catch
        {
            (_session.ReservedThrough, _session.Boot) = before;
            throw;
        }
    }

    private void Write(Frame frame)
    {
        if (Newest is not { } newest || newest.Length >= _segmentBytes || frame.CapturedAt < newest.LastLogTime - TimeSpan.FromSeconds(1))
            newest = Begin(frame.Sequence - 1);
        newest.Append([new LogEntry.Picture(frame)]);
        _unflushed = true;
        lock (_lock)
        {
            var segment = _segments[^1];
            segment.Waiting.Add(frame.Sequence);
            segment.Bytes = newest.Length;
            segment.NewestAt = _now;
        }
    }

    /// <summary>The new file is there before the old one may go: the newest always tells how far the numbers went.</summary>
    private SegmentWriter Begin(ulong heldThrough)
    {
        var path = Path.Combine(_session.Path, $"{++_ordinal:D10}{SegmentNames.Extension}");
        var header = new SegmentHeader(Path.GetFileName(Path.GetDirectoryName(_session.Path))!, _session.Id, _session.StartedAt, _session.Format, heldThrough);
        var next = SegmentWriter.Create(path, header);
        CrashPoints.Reach("spool-in-roll");
        LeaveNewest();
        lock (_lock)
        {
            _segments.Add(new SpoolSegment(path) { Writer = next, Bytes = next.Length, NewestAt = _now });
        }

        return next;
    }
}
