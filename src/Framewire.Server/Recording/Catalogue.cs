using Framewire.Protocol.Contracts;
using Framewire.Protocol.Log;
using Framewire.Protocol.Video;
using Microsoft.Data.Sqlite;

namespace Framewire.Server.Recording;

/// <summary>
/// What is recorded where: a SQLite database for the files that are closed, memory for those being written. It only repeats what the files
/// say, and is made again from them when it is missing or damaged. One for each server; thread-safe, by one lock around one connection.
/// </summary>
internal sealed class Catalogue : IDisposable
{
    private readonly Lock _lock = new();
    private readonly SqliteConnection _database;
    private readonly Dictionary<long, SegmentRow> _open = [];
    private readonly Dictionary<string, StreamTotals> _totals;

    private Catalogue(SqliteConnection database)
    {
        _database = database;
        _totals = CatalogueQueries.Totals(database).ToDictionary(totals => totals.Stream, StringComparer.Ordinal);
    }

    /// <summary>Opens it, made if need be.</summary>
    /// <exception cref="SqliteException">The file is no catalogue, or is damaged.</exception>
    public static Catalogue Open(string file)
    {
        var database = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        try
        {
            database.Open();
            CatalogueQueries.Prepare(database);
            return new Catalogue(database);
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Every file in it, with the stream's name.</summary>
    public IReadOnlyDictionary<(string Stream, string File), long> Files() => Use(() => CatalogueQueries.Files(_database));

    /// <summary>A file is about to be made. In the catalogue first, so that none is ever forgotten on disk.</summary>
    public SegmentRow Opened(SegmentHeader header, string file) => Use(() =>
    {
        var row = CatalogueQueries.Insert(_database, new SegmentRow { Id = 0, File = file, Header = header });
        _open[row.Id] = row;
        return row;
    });

    /// <summary>More is safe in a file that is being written.</summary>
    public void Written(SegmentRow row)
    {
        lock (_lock)
            _open[row.Id] = row;
    }

    /// <summary>A file will not be written any more.</summary>
    public void Closed(SegmentRow row) => Use(() =>
    {
        CatalogueQueries.Close(_database, row with { IsClosed = true });
        _open.Remove(row.Id);
        if (row.Frames > 0)
            _totals[row.Header.Stream] = TotalsOf(row.Header.Stream).With(row);
        return true;
    });

    /// <summary>A file that nobody writes is not closed yet: it is unfinished.</summary>
    public void Forget(SegmentRow row)
    {
        lock (_lock)
            _open.Remove(row.Id);
    }

    /// <summary>A file is gone.</summary>
    public void Removed(SegmentRow row) => Removed(row.Header.Stream, row.Id);

    /// <inheritdoc cref="Removed(SegmentRow)"/>
    public void Removed(string stream, long id) => Use(() =>
    {
        CatalogueQueries.Delete(_database, id);
        _open.Remove(id);
        if (CatalogueQueries.Totals(_database, stream) is { } totals)
            _totals[stream] = totals;
        else
            _totals.Remove(stream);
        return true;
    });

    /// <summary>The files that were being written when the server last ended, or that it could not look after since.</summary>
    public IReadOnlyList<SegmentRow> Unfinished() => Use(() => CatalogueQueries.Unfinished(_database).Where(row => !_open.ContainsKey(row.Id)).ToList());

    /// <summary>Files of a stream that may have frames captured in a span of time, in the order of sessions and sequences.</summary>
    public IReadOnlyList<SegmentRow> Find(string stream, DateTimeOffset from, DateTimeOffset until) => Use(() =>
        CatalogueQueries.Find(_database, stream, Micros.Of(from), Micros.Of(until))
            .Concat(_open.Values.Where(row => row.Header.Stream == stream && row.Frames > 0 && row.LastCapturedAt >= from && row.FirstCapturedAt < until))
            .OrderBy(row => row.Header.SessionStartedAt).ThenBy(row => row.Header.Session, StringComparer.Ordinal).ThenBy(row => row.FirstSequence)
            .ToList());

    /// <summary>
    /// Files of a stream that may have results of frames captured in a span of time, by the time of the first of these; if something is
    /// sought, those that may have it.
    /// </summary>
    public IReadOnlyList<ResultsFile> FindResults(string stream, DateTimeOffset from, DateTimeOffset until, Sought? sought) => Use(() =>
        CatalogueResults.Find(_database, stream, Micros.Of(from), Micros.Of(until), sought)
            .Concat(_open.Values
                .Where(row => row.Header.Stream == stream && row.Results is { Frames: > 0 } results && results.LastCapturedAt >= from && results.FirstCapturedAt < until)
                .Where(row => sought?.MayBeIn(row.Results) ?? true)
                .Select(row => new ResultsFile(row.File, row.Results.FirstCapturedAt)))
            .OrderBy(file => file.From)
            .ToList());

    /// <summary>The session of a stream that began last; null if nothing of it is recorded.</summary>
    public string? NewestSession(string stream) => Use(() => _open.Values
        .Where(row => row.Header.Stream == stream && row.Frames > 0).Select(row => row.Header)
        .Concat(CatalogueQueries.Newest(_database, stream))
        .MaxBy(header => header.SessionStartedAt)?.Session);

    /// <summary>When the first frame was captured of the file that has a sequence of a session, or the next one; null if there is none.</summary>
    public DateTimeOffset? CapturedAt(string stream, string session, ulong sequence) => Use(() => _open.Values
        .Where(row => row.Header.Stream == stream && row.Header.Session == session && row.Frames > 0 && row.LastSequence >= sequence)
        .Select(row => (row.LastSequence, row.FirstCapturedAt))
        .Concat(CatalogueQueries.From(_database, stream, session, sequence))
        .OrderBy(found => found.LastSequence).Select(found => (DateTimeOffset?)found.FirstCapturedAt).FirstOrDefault());

    /// <summary>Gaps of a stream told in files whose frames were captured in a span of time, with the session of each.</summary>
    public IReadOnlyList<(string Session, LogGap Gap)> Gaps(string stream, DateTimeOffset from, DateTimeOffset until) => Use(() =>
        CatalogueQueries.Gaps(_database, stream, Micros.Of(from), Micros.Of(until))
            .Concat(_open.Values.Where(row => row.Header.Stream == stream).SelectMany(row => row.Gaps.Select(gap => (row.Header.Session, gap))))
            .ToList());

    /// <summary>What of a session was ever safe on disk, or is known to be missing; null if nothing is known of it.</summary>
    public SequenceSet? Held(string stream, string session) => Use(() =>
    {
        var runs = CatalogueQueries.Held(_database, stream, session).ToList();
        runs.AddRange(_open.Values.Where(row => row.Header.Stream == stream && row.Header.Session == session).SelectMany(RunsOf));
        return runs.Count == 0 ? null : new SequenceSet(runs);
    });

    /// <summary>Each stream's sums, those being written included.</summary>
    public IReadOnlyList<StreamTotals> Totals() => Use(() =>
    {
        var all = _totals.ToDictionary(StringComparer.Ordinal);
        foreach (var row in _open.Values.Where(row => row.Frames > 0))
            all[row.Header.Stream] = (all.GetValueOrDefault(row.Header.Stream) ?? new StreamTotals { Stream = row.Header.Stream }).With(row);
        return all.Values.OrderBy(totals => totals.Stream, StringComparer.Ordinal).ToList();
    });

    /// <summary>The closed files that were begun first.</summary>
    public IReadOnlyList<SegmentRow> Oldest(int most) => Use(() => CatalogueQueries.Oldest(_database, most).ToList());

    public void Dispose() => _database.Dispose();

    /// <summary>The sequences that a file accounts for: its frames, and the gaps told in it.</summary>
    internal static IEnumerable<SequenceRun> RunsOf(SegmentRow row)
    {
        var runs = row.Runs.Concat(row.Gaps.Where(gap => gap.Gap.Reason != DropReason.Unspecified).Select(gap => new SequenceRun(gap.Gap.First, gap.Gap.Last)));
        return row.Header.HeldThrough > 0 ? runs.Prepend(new SequenceRun(1, row.Header.HeldThrough)) : runs;
    }

    private StreamTotals TotalsOf(string stream) => _totals.GetValueOrDefault(stream) ?? new StreamTotals { Stream = stream };

    /// <summary>One at a time; what goes wrong with the database goes wrong with the disk.</summary>
    private T Use<T>(Func<T> query)
    {
        lock (_lock)
        {
            try
            {
                return query();
            }
            catch (SqliteException e)
            {
                throw new IOException($"the catalogue of recordings cannot be used: {e.Message}", e);
            }
        }
    }
}
