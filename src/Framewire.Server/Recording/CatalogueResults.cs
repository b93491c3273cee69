using System.Data;
using Dapper;
using Framewire.Protocol.Contracts;
using Microsoft.Data.Sqlite;

namespace Framewire.Server.Recording;

/// <summary>A file that has results.</summary>
/// <param name="File">Its name in the stream's folder.</param>
/// <param name="From">When the earliest frame was captured that it has results of.</param>
internal readonly record struct ResultsFile(string File, DateTimeOffset From);

/// <summary>The catalogue's SQL for results: which file has which labels. Stateless; as <see cref="CatalogueQueries"/>.</summary>
internal static class CatalogueResults
{
    public const string Schema = """
        CREATE TABLE IF NOT EXISTS results (
            segment INTEGER PRIMARY KEY, stream TEXT NOT NULL, first_at INTEGER NOT NULL, last_at INTEGER NOT NULL, frames INTEGER NOT NULL, more_labels INTEGER NOT NULL);
        CREATE INDEX IF NOT EXISTS results_by_time ON results (stream, last_at, first_at);
        CREATE TABLE IF NOT EXISTS labels (
            segment INTEGER NOT NULL, processor TEXT NOT NULL, label TEXT NOT NULL, frames INTEGER NOT NULL, max_score REAL NOT NULL,
            PRIMARY KEY (segment, processor, label)) WITHOUT ROWID;
        """;

    /// <summary>Keeps what a closed file has.</summary>
    public static void Keep(SqliteConnection database, SegmentRow row, IDbTransaction transaction)
    {
        Delete(database, row.Id, transaction);
        var results = row.Results;
        if (results.Frames == 0)
            return;
        database.Execute(
            "INSERT INTO results VALUES (@Id, @Stream, @First, @Last, @Frames, @More)",
            new { row.Id, row.Header.Stream, First = Micros.Of(results.FirstCapturedAt), Last = Micros.Of(results.LastCapturedAt), results.Frames, More = results.HasMoreLabels },
            transaction);
        database.Execute(
            "INSERT OR REPLACE INTO labels VALUES (@Id, @Processor, @Label, @Frames, @MaxScore)",
            results.Labels.Select(sum => new { row.Id, sum.Processor, sum.Label, sum.Frames, MaxScore = (double)sum.MaxScore }),
            transaction);
    }

    public static void Delete(SqliteConnection database, long id, IDbTransaction? transaction = null) =>
        database.Execute("DELETE FROM results WHERE segment = @id; DELETE FROM labels WHERE segment = @id", new { id }, transaction);

    /// <summary>Closed files with results of frames captured in a span of time; if something is sought, those that may have it.</summary>
    public static IEnumerable<ResultsFile> Find(SqliteConnection database, string stream, long from, long until, Sought? sought) =>
        database.Query<(string File, long First)>(
            """
            SELECT file, results.first_at FROM results JOIN segments ON segments.id = results.segment
            WHERE results.stream = @stream AND results.last_at >= @from AND results.first_at < @until AND closed = 1
                AND (@any OR more_labels OR EXISTS (
                    SELECT 1 FROM labels WHERE labels.segment = results.segment
                        AND (@label = '' OR label = @label) AND (@processor = '' OR processor = @processor) AND (@score IS NULL OR max_score >= @score)))
            """,
            new
            {
                stream,
                from,
                until,
                any = sought is null,
                label = sought?.Label ?? "",
                processor = sought?.Processor ?? "",
                score = (double?)sought?.MinScore,
            })
            .Select(found => new ResultsFile(found.File, Micros.ToDateTimeOffset(found.First)));
}
