using System.Text.Json;
using Framewire.Edge;
using Framewire.Edge.Sources;
using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using Framewire.Server.Recording;
using Framewire.Server.Streams;
using Framewire.Tests.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Framewire.Tests.EndToEnd;

/// <summary>A disk that fails while a server records: it says so, live goes on, and recording does when the disk is well.</summary>
public sealed class RecordingFaultTests : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly SourceOptions Images = new() { Source = "test", Encode = Encoding.Gray, Size = (320, 240), FrameRate = 50 };

    private readonly Folder _folder = new();
    private bool _isMounted;

    public async ValueTask DisposeAsync()
    {
        if (_isMounted)
            await Tool.RunAsync("umount", ["-l", _folder.Path]);
        _folder.Dispose();
    }

    private async Task<FramewireHost> StartAsync()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can mount a small disk.");
        await Tool.RunAsync("mount", ["-t", "tmpfs", "-o", "size=40m", "tmpfs", _folder.Path]);
        _isMounted = true;
        return await FramewireHost.StartAsync(Recordings.Server(_folder.Path, options => options with { SegmentBytes = 1 << 20 }));
    }

    private Task<byte[]> FillAsync() => Tool.RunAsync("sh", ["-c", $"cat /dev/zero > {_folder["ballast"]} 2> /dev/null || true"]);

    private static RecordingState? State(FramewireHost host) => host.Streams.Find("cam")?.Recording.State;

    private static async Task<(string Status, string? Error)> HealthAsync(FramewireHost host)
    {
        using var http = new HttpClient();
        var health = JsonDocument.Parse(await http.GetStringAsync(new Uri(host.Web, "healthz"))).RootElement;
        return (health.GetProperty("status").GetString()!, health.GetProperty("notRecorded").TryGetProperty("cam", out var error) ? error.GetString() : null);
    }

    /// <summary>While the disk fails: the state is told everywhere, acks stop, and a viewer sees frames.</summary>
    private static async Task RequireLiveAndToldAsync(FramewireHost host, Publisher publisher, string why)
    {
        var dropped = publisher.Snapshot().DroppedTotal;
        await Eventually.TrueAsync(() => State(host) == RecordingState.Stopped, Limit);
        var (status, error) = await HealthAsync(host);
        Assert.Equal("degraded", status);
        Assert.Matches($"(?i){why}", error);
        await using var connection = host.Connect();
        var streams = await connection.UnaryAsync(ViewingContract.ListStreams, new ListStreamsRequest());
        Assert.Equal(error, Assert.Single(streams.Streams).RecordingError);
        var received = host.Streams.Find("cam")!.Status().Session!.ReceivedSequence;
        await Eventually.TrueAsync(() => host.Streams.Find("cam")!.Status().Session!.ReceivedSequence > received, Limit);
        Assert.Equal(dropped, publisher.Snapshot().DroppedTotal);
    }

    [Theory]
    [InlineData("full")]
    [InlineData("folder taken away")]
    public async Task F17_A_persisted_publisher_loses_nothing_to_a_disk_that_fails_for_a_while(string what)
    {
        await using var host = await StartAsync();
        var source = new EndableSource(FrameSource.Create(Images, TimeProvider.System));
        var passed = new RecordingSource(source);
        await using var processor = SeatedProcessor.At(host, SeatedProcessor.Sees("counter", _ => 1));
        await using var publisher = Recordings.Publisher(passed, host.Address);
        var publishing = publisher.RunAsync(TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => publisher.Snapshot().Acked > 30, Limit);

        if (what == "full")
        {
            await FillAsync();
            await RequireLiveAndToldAsync(host, publisher, "no space|disk is full");
            File.Delete(_folder["ballast"]);
        }
        else
        {
            Directory.Move(_folder["cam"], _folder["away"]);
            await Eventually.TrueAsync(() => Directory.Exists(_folder["cam"]), Limit);
        }

        await Eventually.TrueAsync(() => State(host) == RecordingState.Active, Limit);
        var acked = publisher.Snapshot().Acked;
        await Eventually.TrueAsync(() => publisher.Snapshot().Acked > acked + 30, Limit);
        source.End();
        await publishing.WaitAsync(Limit);
        Assert.Equal("ok", (await HealthAsync(host)).Status);
        await host.StopAsync();

        Assert.Equal(passed.Passed.Count, publisher.Snapshot().Acked);
        if (what == "folder taken away")
        {
            foreach (var file in Directory.EnumerateFiles(_folder["away"]))
                File.Move(file, Path.Combine(_folder["cam"], $"away_{Path.GetFileName(file)}"));
            Directory.Delete(_folder["away"]);
            Assert.Equal(passed.Passed, Recordings.ReadFolder(_folder.Path));
        }
        else
        {
            Recordings.RequireJust(passed.Passed, _folder.Path);
        }

        RequireResultsOfEach(passed.Passed.Count);
    }

    /// <summary>What the processor made of each frame is there, and found once although it may have been written twice.</summary>
    private void RequireResultsOfEach(int frames)
    {
        using var recordings = LocalRecordings.Open(_folder.Path, NullLogger.Instance);
        var found = recordings.Find(new FindRequest { Stream = "cam", MergeMillis = uint.MaxValue }, TestContext.Current.CancellationToken);
        var finding = Assert.Single(found.Findings);
        Assert.Equal((1ul, (ulong)frames, (ulong)frames), (finding.FirstSequence, finding.LastSequence, finding.Frames));
    }

    [Fact]
    public async Task F17_What_a_live_publisher_sent_meanwhile_is_a_gap_with_its_reason()
    {
        await using var host = await StartAsync();
        var source = new EndableSource(FrameSource.Create(Images, TimeProvider.System));
        var passed = new RecordingSource(source);
        await using var publisher = Recordings.Publisher(passed, host.Address, options => options with { Mode = PublishMode.Live, Ack = PublishAck.Received });
        var publishing = publisher.RunAsync(TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => host.Streams.Find("cam") is { } stream && stream.Status().Session?.Persisted.Last > 20, Limit);
        await FillAsync();
        await RequireLiveAndToldAsync(host, publisher, "no space|disk is full");
        File.Delete(_folder["ballast"]);
        await Eventually.TrueAsync(() => State(host) == RecordingState.Active, Limit);
        var persisted = host.Streams.Find("cam")!.Status().Session!.Persisted.Last;
        await Eventually.TrueAsync(() => host.Streams.Find("cam")!.Status().Session!.Persisted.Last > persisted + 20, Limit);
        source.End();
        await publishing.WaitAsync(Limit);
        await Eventually.TrueAsync(() => host.Streams.Find("cam")!.Status() is { Complete: true, Session: { } session } && session.Persisted.Last == session.ReceivedSequence, Limit);
        await using var connection = host.Connect();

        var timeline = await connection.UnaryAsync(RecordingsContract.Timeline, new TimelineRequest { Stream = "cam" });
        var gap = timeline.Gaps.Single(gap => gap.Reason == DropReason.NotRecorded);
        var (frames, others) = await Recordings.ReadAsync(connection, new ReadRequest { Stream = "cam" });

        Assert.Contains(others, other => other.Gap is { Reason: DropReason.NotRecorded } told && told.FirstSequence == gap.FirstSequence);
        Assert.DoesNotContain(frames, frame => frame.Sequence >= gap.FirstSequence && frame.Sequence <= gap.LastSequence);
        Assert.Equal(frames, frames.Select(frame => passed.Passed[(int)frame.Sequence - 1]));
        var missing = timeline.Gaps.Sum(gap => gap.FirstSequence == 0 ? 0 : (long)(gap.LastSequence - gap.FirstSequence + 1));
        Assert.Equal(passed.Passed.Count, frames.Count + missing);
    }

    [Fact]
    public async Task F18_A_disk_that_holds_the_stream_up_for_too_long_is_left_behind_and_caught_up_with()
    {
        var options = Recordings.Server(_folder.Path, options => options with { SegmentBytes = 200_000 });
        await using var host = await FramewireHost.StartAsync(options with
        {
            Streams = new StreamLimits { LosslessLagFrames = 2, HistoryFrames = 16, LosslessPatience = TimeSpan.FromMilliseconds(300) },
        });
        var source = new EndableSource(FrameSource.Create(Images, TimeProvider.System));
        var passed = new RecordingSource(source);
        await using var publisher = Recordings.Publisher(passed, host.Address);
        var publishing = publisher.RunAsync(TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => publisher.Snapshot().Acked > 20, Limit);

        // Whoever holds the catalogue's write lock holds the next file up, as a slow disk would.
        using (var database = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={_folder["catalogue.db"]};Pooling=False"))
        {
            database.Open();
            Execute(database, "BEGIN IMMEDIATE");
            var received = host.Streams.Find("cam")!.Status().Session!.ReceivedSequence;
            await Eventually.TrueAsync(() => host.Streams.Find("cam")!.Status().Session!.ReceivedSequence > received + 20, Limit);
            Execute(database, "COMMIT");
        }

        await Eventually.TrueAsync(() => host.Streams.Find("cam")!.Recording is { State: RecordingState.Stopped, Error: var error } && error.Contains("too slow", StringComparison.Ordinal), Limit);
        await Eventually.TrueAsync(() => State(host) == RecordingState.Active, Limit);
        source.End();
        await publishing.WaitAsync(Limit);
        await host.StopAsync();
        Recordings.RequireJust(passed.Passed, _folder.Path);
    }

    private static void Execute(Microsoft.Data.Sqlite.SqliteConnection database, string sql)
    {
        using var command = database.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
