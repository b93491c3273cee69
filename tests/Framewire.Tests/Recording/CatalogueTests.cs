using System.Diagnostics;
using Framewire.Protocol.Video;
using Framewire.Server.Recording;
using Framewire.Tests.Testing;
using Microsoft.Data.Sqlite;

namespace Framewire.Tests.Recording;

/// <summary>What is recorded where, and whether that is still known after whatever happens to the catalogue or a file.</summary>
public sealed class CatalogueTests : IDisposable
{
    private readonly RecordedFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Database => System.IO.Path.Combine(_folder.Path, "catalogue.db");

    /// <summary>Two sessions, a told gap, a hole, and a beginning that was deleted.</summary>
    private void WriteSome()
    {
        _folder.Write(RecordedFolder.Header(heldThrough: 10), [.. RecordedFolder.Run(11, 20), Segments.Missing(21, 24), .. RecordedFolder.Run(25, 30)]);
        _folder.Write(RecordedFolder.Header(heldThrough: 30), RecordedFolder.Run(40, 45));
        _folder.Write(RecordedFolder.Header("session-b", startedAfterSeconds: 60), RecordedFolder.Run(1, 7));
    }

    [Fact]
    public void It_finds_files_by_time_and_knows_their_sums_and_what_a_session_has()
    {
        WriteSome();

        var totals = Assert.Single(_folder.Catalogue.Totals());
        Assert.Equal(("cam-1", 29L, 3), (totals.Stream, totals.Frames, totals.Segments));
        Assert.Equal(_folder.Files().Sum(file => new FileInfo(file).Length), totals.Bytes);
        Assert.Equal("1-30, 40-45", $"{_folder.Catalogue.Held("cam-1", "session-a")}");
        Assert.Null(_folder.Catalogue.Held("cam-1", "session-c"));
        var at = Segments.Picture(42).Frame.CapturedAt;
        Assert.Equal([40ul], _folder.Catalogue.Find("cam-1", at, at.AddTicks(10)).Select(row => row.FirstSequence));
        Assert.Empty(_folder.Catalogue.Find("cam-2", DateTimeOffset.MinValue, DateTimeOffset.MaxValue));
        var gap = Assert.Single(_folder.Catalogue.Gaps("cam-1", DateTimeOffset.MinValue, DateTimeOffset.MaxValue));
        Assert.Equal(("session-a", new Gap(21, 24, DropReason.Late)), (gap.Session, gap.Gap.Gap));
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("torn")]
    [InlineData("overwritten")]
    [InlineData("a page of it")]
    public void F20_One_that_is_missing_or_damaged_is_made_again_from_the_files(string what)
    {
        WriteSome();
        var before = _folder.Known();

        _folder.Restart(() =>
        {
            var bytes = File.ReadAllBytes(Database);
            if (what == "missing")
                File.Delete(Database);
            else if (what == "torn")
                File.WriteAllBytes(Database, bytes[..(bytes.Length / 3)]);
            else if (what == "overwritten")
                new Random(1).NextBytes(bytes);
            else
                new Random(1).NextBytes(bytes.AsSpan(4096, 4096));
            if (what is "overwritten" or "a page of it")
                File.WriteAllBytes(Database, bytes);
        });

        Assert.Equal(before, _folder.Known());
    }

    [Fact]
    public void F19_What_it_has_lost_it_learns_from_the_files_and_what_is_gone_it_forgets()
    {
        WriteSome();
        var before = _folder.Known();
        _folder.Restart(() => Execute("DELETE FROM segments WHERE first_sequence = 40; DELETE FROM sessions"));
        Assert.Equal(before.Replace("1-30, 40-45", "31, 40-45", StringComparison.Ordinal).Split('\n')[..^2], _folder.Known().Split('\n')[..^2]);

        _folder.Restart(() => File.Delete(_folder.Files()[1]));
        Assert.Equal((2, 23L), (_folder.Catalogue.Totals()[0].Segments, _folder.Catalogue.Totals()[0].Frames));
        _folder.Restart(() => Directory.Delete(System.IO.Path.Combine(_folder.Path, "cam-1"), recursive: true));
        Assert.Empty(_folder.Catalogue.Totals());
    }

    [Fact]
    public void F14_A_file_that_was_being_written_when_the_server_died_is_closed_and_counts()
    {
        var lane = _folder.Lane();
        lane.Append(RecordedFolder.Header(), RecordedFolder.Run(1, 9));
        lane.Flush();
        Assert.Equal(9, _folder.Catalogue.Totals()[0].Frames);

        _folder.Restart();

        Assert.Equal("1-9", $"{_folder.Catalogue.Held("cam-1", "session-a")}");
        Assert.True(Assert.Single(_folder.Catalogue.Find("cam-1", DateTimeOffset.MinValue, DateTimeOffset.MaxValue)).IsClosed);
        Assert.Equal(9, Framewire.Protocol.Log.SegmentRepair.Inspect(_folder.Files()[0])!.Frames);
    }

    [Fact]
    public void F20_A_file_whose_beginning_is_damaged_is_set_aside_and_an_empty_one_goes()
    {
        var full = _folder.Lane();
        full.Append(RecordedFolder.Header(), [Segments.Picture(1, bytes: 50_000)]);
        full.Flush();
        _folder.Lane().Append(RecordedFolder.Header(), []);
        var path = Assert.Single(_folder.Files());

        _folder.Restart(() =>
        {
            var bytes = File.ReadAllBytes(path);
            bytes[20] ^= 0xFF;
            bytes[40] ^= 0xFF;
            File.WriteAllBytes(path, bytes);
        });

        Assert.Equal([path + ".damaged"], _folder.Files());
        Assert.Empty(_folder.Catalogue.Totals());
    }

    [Fact]
    public void A_file_that_was_only_begun_goes()
    {
        var header = RecordedFolder.Header();
        Directory.CreateDirectory(System.IO.Path.Combine(_folder.Path, "cam-1"));
        var file = _folder.Store.Folder.NextFile("cam-1", _folder.Clock.GetUtcNow());
        _folder.Catalogue.Opened(header, file);
        Segments.Write(_folder.Store.Folder.PathOf("cam-1", file), header, [], closes: false);
        Assert.True(new FileInfo(_folder.Store.Folder.PathOf("cam-1", file)).Length < 16 << 10);

        _folder.Restart();

        Assert.Empty(_folder.Files());
        Assert.Empty(_folder.Catalogue.Unfinished());
    }

    [Fact]
    public void A_file_with_nothing_but_a_told_gap_is_in_no_sum()
    {
        _folder.Write(RecordedFolder.Header(), RecordedFolder.Run(1, 3));
        var before = _folder.Catalogue.Totals()[0];
        _folder.Write(RecordedFolder.Header(), Segments.Missing(4, 5));

        Assert.Equal(before, Assert.Single(_folder.Catalogue.Totals()));
        Assert.Equal("1-5", $"{_folder.Catalogue.Held("cam-1", "session-a")}");
    }

    [Fact]
    public void Two_hundred_thousand_files_are_listed_and_searched_at_once()
    {
        // Ten streams for two weeks, a file each minute.
        Execute("""
            WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 199999)
            INSERT INTO segments (stream, session, session_started_at, file, codec, width, height, frame_rate, held_through,
                first_sequence, last_sequence, first_at, last_at, frames, bytes, closed)
            SELECT 'cam-' || (i % 10), 'session-a', 1, i || '.mcap', 1, 64, 48, 30, 0,
                1 + (i / 10) * 1800, 1800 + (i / 10) * 1800, 1800000000000000 + (i / 10) * 60000000, 1800000059900000 + (i / 10) * 60000000, 1800, 1000000, 1 FROM n
            """);
        var opening = Stopwatch.StartNew();
        using var catalogue = Catalogue.Open(Database);
        TestContext.Current.TestOutputHelper?.WriteLine($"open: {opening.Elapsed.TotalMilliseconds:0} ms");
        var day = DateTimeOffset.FromUnixTimeSeconds(1_800_600_000);

        Assert.Equal(10, Timed("list", catalogue.Totals).Count);
        Assert.Single(Timed("find a moment", () => catalogue.Find("cam-3", day, day.AddMilliseconds(1))));
        Assert.InRange(Timed("find a day", () => catalogue.Find("cam-3", day, day.AddDays(1))).Count, 1440, 1441);
        Assert.Single(Timed("timeline of a day", () => RecordingTimeline.Of(catalogue, "cam-3", day, day.AddDays(1))).Spans);
        Assert.Single(Timed("timeline of all", () => RecordingTimeline.Of(catalogue, "cam-3", DateTimeOffset.MinValue, DateTimeOffset.MaxValue)).Spans);
        Assert.Equal(100, Timed("oldest", () => catalogue.Oldest(100)).Count);
    }

    private static T Timed<T>(string what, Func<T> action)
    {
        var watch = Stopwatch.StartNew();
        var result = action();
        TestContext.Current.TestOutputHelper?.WriteLine($"{what}: {watch.Elapsed.TotalMilliseconds:0.0} ms");
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"{what} took {watch.Elapsed}.");
        return result;
    }

    private void Execute(string sql)
    {
        using var database = new SqliteConnection($"Data Source={Database};Pooling=False");
        database.Open();
        using var command = database.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
