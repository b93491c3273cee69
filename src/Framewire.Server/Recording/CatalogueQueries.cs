using System.Data;
using System.Globalization;
using Dapper;
using Framewire.Protocol.Contracts;
using Framewire.Protocol.Log;
using Framewire.Protocol.Video;
using Microsoft.Data.Sqlite;

namespace Framewire.Server.Recording;

/// <summary>The catalogue's SQL. Stateless; the caller sees to it that a connection is used by one thread at a time.</summary>
/// <remarks>Times are microseconds since 1970, UTC. Sequences are SQLite's signed 64-bit integers: nobody comes to the sign.</remarks>
internal static class CatalogueQueries
{
    private const string Schema = """
        CREATE TABLE IF NOT EXISTS segments (
            id INTEGER PRIMARY KEY,
            stream TEXT NOT NULL, session TEXT NOT NULL, session_started_at INTEGER NOT NULL, file TEXT NOT NULL,
            codec INTEGER NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL, frame_rate REAL NOT NULL, held_through INTEGER NOT NULL,
            first_sequence INTEGER NOT NULL, last_sequence INTEGER NOT NULL, first_at INTEGER NOT NULL, last_at INTEGER NOT NULL,
            frames INTEGER NOT NULL, bytes INTEGER NOT NULL, closed INTEGER NOT NULL);
        CREATE INDEX IF NOT EXISTS segments_by_time ON segments (stream, last_at, first_at);
        CREATE INDEX IF NOT EXISTS segments_by_session ON segments (stream, session_started_at, session, last_sequence);
        CREATE INDEX IF NOT EXISTS segments_by_sequence ON segments (stream, session, last_sequence);
        CREATE INDEX IF NOT EXISTS segments_by_age ON segments (closed, substr(file, 12));
        CREATE INDEX IF NOT EXISTS segments_sums ON segments (stream, closed, frames, bytes, first_at, last_at);
        CREATE TABLE IF NOT EXISTS gaps (
            segment INTEGER NOT NULL, stream TEXT NOT NULL, session TEXT NOT NULL,
            first_sequence INTEGER NOT NULL, last_sequence INTEGER NOT NULL, reason INTEGER NOT NULL, from_at INTEGER NOT NULL, until_at INTEGER NOT NULL);
        CREATE INDEX IF NOT EXISTS gaps_by_segment ON gaps (segment);
        CREATE INDEX IF NOT EXISTS gaps_by_time ON gaps (stream, until_at);
        CREATE TABLE IF NOT EXISTS sessions (stream TEXT NOT NULL, session TEXT NOT NULL, held TEXT NOT NULL, PRIMARY KEY (stream, session)) WITHOUT ROWID;
        """;

    private const string Columns = """
        id AS Id, stream AS Stream, session AS Session, session_started_at AS SessionStartedAt, file AS File, codec AS Codec, width AS Width, height AS Height,
        frame_rate AS FrameRate, held_through AS HeldThrough, first_sequence AS FirstSequence, last_sequence AS LastSequence, first_at AS FirstAt, last_at AS LastAt,
        frames AS Frames, bytes AS Bytes, closed AS Closed
        """;

    /// <summary>Makes the tables, and sees whether the file is sound.</summary>
    public static void Prepare(SqliteConnection database)
    {
        // A crash of the machine may cost the last changes: the files have them.
        database.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000;");
        database.Execute(Schema);
        database.Execute(CatalogueResults.Schema);
        if (database.ExecuteScalar<string>("PRAGMA quick_check(1)") is var verdict and not "ok")
            throw new SqliteException($"it is damaged: {verdict}", 11);
    }

    public static SegmentRow Insert(SqliteConnection database, SegmentRow row)
    {
        var (header, format) = (row.Header, row.Header.Format);
        var id = database.ExecuteScalar<long>(
            """
            INSERT INTO segments (stream, session, session_started_at, file, codec, width, height, frame_rate, held_through,
                first_sequence, last_sequence, first_at, last_at, frames, bytes, closed)
            VALUES (@Stream, @Session, @StartedAt, @File, @Codec, @Width, @Height, @FrameRate, @HeldThrough, 0, 0, 0, 0, 0, 0, 0) RETURNING id
            """,
            new
            {
                header.Stream,
                header.Session,
                StartedAt = Micros.Of(header.SessionStartedAt),
                row.File,
                Codec = (int)format.Codec,
                format.Width,
                format.Height,
                format.FrameRate,
                HeldThrough = (long)header.HeldThrough,
            });
        return row with { Id = id };
    }

    /// <summary>Keeps what a closed file has: itself, its gaps, its labels, and what is held of its session.</summary>
    public static void Close(SqliteConnection database, SegmentRow row)
    {
        using var transaction = database.BeginTransaction();
        database.Execute(
            """
            UPDATE segments SET first_sequence = @FirstSequence, last_sequence = @LastSequence, first_at = @FirstAt, last_at = @LastAt,
                frames = @Frames, bytes = @Bytes, closed = 1 WHERE id = @Id
            """,
            new
            {
                row.Id,
                FirstSequence = (long)row.FirstSequence,
                LastSequence = (long)row.LastSequence,
                FirstAt = Micros.Of(row.FirstCapturedAt),
                LastAt = Micros.Of(row.LastCapturedAt),
                row.Frames,
                row.Bytes,
            },
            transaction);
        database.Execute("DELETE FROM gaps WHERE segment = @Id", new { row.Id }, transaction);
        database.Execute(
            "INSERT INTO gaps VALUES (@Segment, @Stream, @Session, @First, @Last, @Reason, @From, @Until)",
            row.Gaps.Select(gap => new
            {
                Segment = row.Id,
                row.Header.Stream,
                row.Header.Session,
                First = (long)gap.Gap.First,
                Last = (long)gap.Gap.Last,
                Reason = (int)gap.Gap.Reason,
                From = Micros.Of(gap.From),
                Until = Micros.Of(gap.Until),
            }),
            transaction);
        CatalogueResults.Keep(database, row, transaction);
        var held = new SequenceSet(Held(database, row.Header.Stream, row.Header.Session, transaction).Concat(Catalogue.RunsOf(row)));
        database.Execute(
            "INSERT OR REPLACE INTO sessions VALUES (@Stream, @Session, @Held)",
            new { row.Header.Stream, row.Header.Session, Held = held.ToString() },
            transaction);
        transaction.Commit();
    }

    public static void Delete(SqliteConnection database, long id)
    {
        database.Execute("DELETE FROM gaps WHERE segment = @id; DELETE FROM segments WHERE id = @id", new { id });
        CatalogueResults.Delete(database, id);
    }

    public static Dictionary<(string Stream, string File), long> Files(SqliteConnection database) =>
        database.Query<(string Stream, string File, long Id)>("SELECT stream, file, id FROM segments").ToDictionary(row => (row.Stream, row.File), row => row.Id);

    public static IEnumerable<SegmentRow> Unfinished(SqliteConnection database) =>
        database.Query<Row>($"SELECT {Columns} FROM segments WHERE closed = 0").Select(row => row.ToSegment());

    /// <summary>By the time in their names, which begins at the 12th character.</summary>
    public static IEnumerable<SegmentRow> Oldest(SqliteConnection database, int most) =>
        database.Query<Row>($"SELECT {Columns} FROM segments WHERE closed = 1 ORDER BY substr(file, 12) LIMIT @most", new { most }).Select(row => row.ToSegment());

    public static IEnumerable<SegmentRow> Find(SqliteConnection database, string stream, long from, long until) =>
        database.Query<Row>(
            $"SELECT {Columns} FROM segments WHERE stream = @stream AND last_at >= @from AND first_at < @until AND closed = 1 AND frames > 0",
            new { stream, from, until }).Select(row => row.ToSegment());

    public static IEnumerable<SegmentHeader> Newest(SqliteConnection database, string stream) => database.Query<Row>(
        $"SELECT {Columns} FROM segments WHERE stream = @stream AND closed = 1 AND frames > 0 ORDER BY session_started_at DESC LIMIT 1", new { stream })
        .Select(row => row.ToSegment().Header);

    public static IEnumerable<(ulong LastSequence, DateTimeOffset FirstCapturedAt)> From(SqliteConnection database, string stream, string session, ulong sequence) =>
        database.Query<(long Last, long First)>(
            """
            SELECT last_sequence, first_at FROM segments
            WHERE stream = @stream AND session = @session AND last_sequence >= @sequence AND closed = 1 AND frames > 0 ORDER BY last_sequence LIMIT 1
            """,
            new { stream, session, sequence = (long)Math.Min(sequence, long.MaxValue) })
            .Select(found => ((ulong)found.Last, Micros.ToDateTimeOffset(found.First)));

    public static IEnumerable<(string Session, LogGap Gap)> Gaps(SqliteConnection database, string stream, long from, long until) =>
        database.Query<(string Session, long First, long Last, long Reason, long From, long Until)>(
            "SELECT session, first_sequence, last_sequence, reason, from_at, until_at FROM gaps WHERE stream = @stream AND until_at >= @from AND from_at < @until",
            new { stream, from, until })
            .Select(gap => (gap.Session, new LogGap(
                new Gap((ulong)gap.First, (ulong)gap.Last, (DropReason)gap.Reason), Micros.ToDateTimeOffset(gap.From), Micros.ToDateTimeOffset(gap.Until))));

    /// <summary>The sequences of a session that are accounted for in files that are or were here.</summary>
    public static IEnumerable<SequenceRun> Held(SqliteConnection database, string stream, string session, IDbTransaction? transaction = null)
    {
        var text = database.ExecuteScalar<string>("SELECT held FROM sessions WHERE stream = @stream AND session = @session", new { stream, session }, transaction);
        foreach (var run in (text ?? "").Split(", ", StringSplitOptions.RemoveEmptyEntries))
        {
            var ends = run.Split('-');
            var first = ulong.Parse(ends[0], CultureInfo.InvariantCulture);
            yield return new SequenceRun(first, ends.Length > 1 ? ulong.Parse(ends[1], CultureInfo.InvariantCulture) : first);
        }
    }

    public static StreamTotals? Totals(SqliteConnection database, string stream) => Totals(database, "WHERE stream = @stream AND", new { stream }).SingleOrDefault();

    public static IEnumerable<StreamTotals> Totals(SqliteConnection database) => Totals(database, "WHERE", null);

    private static IEnumerable<StreamTotals> Totals(SqliteConnection database, string where, object? parameters)
    {
        var sums = database.Query<(string Stream, long First, long Last, long Frames, long Bytes, long Segments)>(
            $"SELECT stream, min(first_at), max(last_at), sum(frames), sum(bytes), count(*) FROM segments {where} closed = 1 AND frames > 0 GROUP BY stream", parameters);
        foreach (var sum in sums.ToList())
        {
            var newest = database.QuerySingle<Row>(
                $"SELECT {Columns} FROM segments WHERE stream = @Stream AND closed = 1 AND frames > 0 ORDER BY last_at DESC LIMIT 1", new { sum.Stream });
            yield return new StreamTotals
            {
                Stream = sum.Stream,
                FirstCapturedAt = Micros.ToDateTimeOffset(sum.First),
                LastCapturedAt = Micros.ToDateTimeOffset(sum.Last),
                Frames = sum.Frames,
                Bytes = sum.Bytes,
                Segments = (int)sum.Segments,
                Format = newest.ToSegment().Header.Format,
            };
        }
    }

    /// <summary>A row as Dapper reads it.</summary>
    private sealed record Row(
        long Id, string Stream, string Session, long SessionStartedAt, string File, long Codec, long Width, long Height, double FrameRate, long HeldThrough,
        long FirstSequence, long LastSequence, long FirstAt, long LastAt, long Frames, long Bytes, long Closed)
    {
        public SegmentRow ToSegment() => new()
        {
            Id = Id,
            File = File,
            Header = new SegmentHeader(
                Stream, Session, Micros.ToDateTimeOffset(SessionStartedAt), new StreamFormat((Codec)Codec, (int)Width, (int)Height, FrameRate), (ulong)HeldThrough),
            FirstSequence = (ulong)FirstSequence,
            LastSequence = (ulong)LastSequence,
            FirstCapturedAt = Micros.ToDateTimeOffset(FirstAt),
            LastCapturedAt = Micros.ToDateTimeOffset(LastAt),
            Frames = Frames,
            Bytes = Bytes,
            IsClosed = Closed != 0,
        };
    }
}
