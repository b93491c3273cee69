using Framewire.Protocol.Log;
using Microsoft.Extensions.Logging;

namespace Framewire.Server.Recording;

/// <summary>One thing read from a recording.</summary>
/// <param name="Header">The session and format that it belongs to.</param>
/// <param name="Entry">What it is; a frame inside is held by whoever was given it.</param>
internal readonly record struct RecordedEntry(SegmentHeader Header, LogEntry Entry);

/// <summary>Where to begin to read: at a time, or at a sequence of a session.</summary>
/// <param name="From">The time; <see cref="DateTimeOffset.MinValue"/> for the beginning.</param>
/// <param name="Session">The session; empty for the newest; null if it goes by time.</param>
/// <param name="Sequence">The sequence.</param>
internal readonly record struct RecordingStart(DateTimeOffset From, string? Session = null, ulong Sequence = 0);

/// <summary>
/// Reads a stream's recording in the order of sessions and sequences, whatever order the frames came in. Synchronous; any number at the
/// same time.
/// </summary>
internal sealed partial class RecordingReader(RecordingStore store, ILogger logger)
{
    /// <summary>How far before the start files are looked at for its keyframe.</summary>
    private static readonly TimeSpan LookBack = TimeSpan.FromHours(1);

    /// <summary>The entries from the keyframe at or before a start on.</summary>
    /// <param name="stream">The stream's name.</param>
    /// <param name="start">Where to begin.</param>
    /// <param name="until">The first frame captured at or after this ends it.</param>
    public IEnumerable<RecordedEntry> Read(string stream, RecordingStart start, DateTimeOffset until)
    {
        var rows = RowsFrom(stream, start, until);
        var isFirst = true;
        for (var at = 0; at < rows.Count;)
        {
            // Files that lie one behind the other are read so; of files whose sequences interlace, always the next frame.
            var (end, last) = (at + 1, rows[at].LastSequence);
            for (; end < rows.Count && rows[end].Header.Session == rows[at].Header.Session && rows[end].FirstSequence <= last; end++)
                last = Math.Max(last, rows[end].LastSequence);

            var from = isFirst ? start : default(RecordingStart?);
            var entries = end == at + 1 ? Entries(rows[at], from) : Merged(rows.GetRange(at, end - at), from);
            foreach (var entry in entries)
            {
                if (entry.Entry is LogEntry.Picture { Frame: var frame } && frame.CapturedAt >= until)
                {
                    // A frame that refers to later ones is captured before them and comes behind them: only at a keyframe all is there.
                    frame.Release();
                    if (frame.IsKeyframe)
                        break;
                    continue;
                }

                yield return entry;
            }

            isFirst = false;
            at = end;
        }
    }

    /// <summary>Whether there is anything to read from a start on, before an end.</summary>
    public bool HasAny(string stream, RecordingStart start, DateTimeOffset until) => RowsFrom(stream, start, until).Count > 0;

    private List<SegmentRow> RowsFrom(string stream, RecordingStart start, DateTimeOffset until)
    {
        var session = start.Session is "" ? store.Catalogue.NewestSession(stream) : start.Session;
        var from = session is null ? start.From : store.Catalogue.CapturedAt(stream, session, start.Sequence) ?? DateTimeOffset.MaxValue;
        var all = store.Catalogue.Find(stream, from < DateTimeOffset.MinValue + LookBack ? from : from - LookBack, until);
        var first = session is null
            ? all.TakeWhile(row => row.LastCapturedAt < start.From).Count()
            : all.TakeWhile(row => row.Header.Session != session || row.LastSequence < start.Sequence).Count();
        // A file may begin in the middle of a group of pictures, whose keyframe is in the one before.
        var keyframe = first;
        while (keyframe > 0 && keyframe < all.Count && Follows(all[keyframe], all[keyframe - 1]) && !BeginsWithKeyframe(all[keyframe], start))
            keyframe--;
        return [.. all.Take(first).Skip(keyframe), .. all.Skip(first).Where(row => row.Header.Session != session || row.LastSequence >= start.Sequence)];
    }

    private static bool Follows(SegmentRow row, SegmentRow before) =>
        row.Header.Session == before.Header.Session && row.Header.Format == before.Header.Format && row.FirstSequence == before.LastSequence + 1;

    private bool BeginsWithKeyframe(SegmentRow row, RecordingStart start)
    {
        if (row.Header.Format.EveryFrameIsKeyframe)
            return true;
        foreach (var (_, entry) in Entries(row, start))
        {
            if (entry is not LogEntry.Picture { Frame: var frame })
                continue;
            frame.Release();
            return frame.IsKeyframe;
        }

        return false;
    }

    private IEnumerable<RecordedEntry> Entries(SegmentRow row, RecordingStart? start)
    {
        var path = store.Folder.PathOf(row.Header.Stream, row.File);
        if (TryOpen(path) is not { } reader)
            yield break;
        using (reader)
        {
            var entries = start switch
            {
                { Session: not null } at => reader.ReadFrom(at.Sequence, fromKeyframe: true),
                { From: var time } when time > DateTimeOffset.MinValue => reader.ReadFrom(time),
                _ => reader.ReadAll(),
            };
            foreach (var entry in entries)
                yield return new RecordedEntry(row.Header, entry);
            foreach (var damage in reader.Damage)
                Log.Damaged(logger, path, damage);
        }
    }

    /// <summary>Closes a file, and says what was wrong with it.</summary>
    internal void Finish(string path, SegmentReader reader)
    {
        foreach (var damage in reader.Damage)
            Log.Damaged(logger, path, damage);
        reader.Dispose();
    }

    private IEnumerable<RecordedEntry> Merged(IReadOnlyList<SegmentRow> rows, RecordingStart? start)
    {
        var waiting = new PriorityQueue<IEnumerator<RecordedEntry>, ulong>();
        var all = rows.Select(row => Entries(row, start).GetEnumerator()).ToList();
        try
        {
            foreach (var entries in all)
                Enqueue(waiting, entries);
            var last = 0ul;
            while (waiting.TryDequeue(out var next, out var sequence))
            {
                var entry = next.Current;
                if (entry.Entry is LogEntry.Picture { Frame: var twice } && sequence <= last)
                {
                    twice.Release();
                }
                else
                {
                    last = entry.Entry is LogEntry.Picture ? sequence : last;
                    yield return entry;
                }

                Enqueue(waiting, next);
            }
        }
        finally
        {
            // What was read ahead and not handed out.
            while (waiting.TryDequeue(out var unread, out _))
                (unread.Current.Entry as LogEntry.Picture)?.Frame.Release();
            all.ForEach(entries => entries.Dispose());
        }
    }

    private static void Enqueue(PriorityQueue<IEnumerator<RecordedEntry>, ulong> waiting, IEnumerator<RecordedEntry> entries)
    {
        if (entries.MoveNext())
            waiting.Enqueue(entries, entries.Current.Entry is LogEntry.Picture { Frame: var frame } ? frame.Sequence : ((LogEntry.Missing)entries.Current.Entry).Gap.Gap.First);
    }

    /// <summary>Opens a file; null if it cannot be read, which is logged.</summary>
    internal SegmentReader? TryOpen(string path)
    {
        try
        {
            return SegmentReader.Open(path);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            // Deleted meanwhile because it is old, or damaged: the rest can still be read.
            Log.Unreadable(logger, path, e.Message);
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "{File} is damaged: {What}")]
        public static partial void Damaged(ILogger logger, string file, string what);

        [LoggerMessage(LogLevel.Warning, "{File} is passed over: {Why}")]
        public static partial void Unreadable(ILogger logger, string file, string why);
    }
}
