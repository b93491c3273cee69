using System.Diagnostics;
using Framewire.Edge.Sources;
using Framewire.Server.Recording;
using Framewire.Tests.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Framewire.Tests.EndToEnd;

/// <summary>A server that dies while it records, anywhere: its publisher keeps what was not on disk, and sends it again.</summary>
public sealed class RecordingCrashTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly SourceOptions Images = new() { Source = "test", Encode = Encoding.Gray, Size = (64, 48), FrameRate = 200 };

    private readonly Folder _folder = Folder.InMemory();

    public void Dispose() => _folder.Dispose();

    private static async Task<FramewireProcess> ServeAsync(int port, string data, params (string Name, string Value)[] settings)
    {
        var server = FramewireProcess.Start(Recordings.Environment(settings), "serve", "--listen", $"127.0.0.1:{port}", "--web", "none", "--record", "--data", data);
        await server.SaysAsync("Taking frames on");
        return server;
    }

    [Fact]
    public async Task F14_Twenty_kills_cost_no_frame_and_double_none()
    {
        const int kills = 20;
        var random = new Random(14);
        var port = ChildProcess.FreePort();
        var source = new EndableSource(FrameSource.Create(Images, TimeProvider.System));
        var passed = new RecordingSource(source);
        await using var publisher = Recordings.Publisher(passed, new Uri($"http://127.0.0.1:{port}"));
        var publishing = publisher.RunAsync(TestContext.Current.CancellationToken);
        for (var kill = 0; kill < kills; kill++)
        {
            await using var server = await ServeAsync(port, _folder.Path, ("FRAMEWIRE_Server__Recording__SegmentBytes", "300000"));
            var acked = publisher.Snapshot().Acked;
            await Eventually.TrueAsync(() => publisher.Snapshot().Acked > acked, Limit);
            using var life = new CancellationTokenSource(random.Next(150));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => publishing.WaitAsync(life.Token));
            await server.SignalAsync("KILL");
            await server.EndAsync();
        }

        source.End();
        await using var last = await ServeAsync(port, _folder.Path);
        await publishing.WaitAsync(Limit);
        await last.SignalAsync("TERM");
        Assert.Equal(0, (await last.EndAsync()).Code);

        var end = publisher.Snapshot();
        TestContext.Current.TestOutputHelper?.WriteLine($"{kills} kills: {end}");
        Assert.Equal((passed.Passed.Count, 0), (end.Acked, end.DroppedTotal));
        Recordings.RequireJust(passed.Passed, _folder.Path);
    }

    public static TheoryData<string> Points =>
    [
        "segment-before-append:4", "segment-in-append:4", "segment-after-append:4", "segment-before-fsync:4", "segment-after-fsync:4",
        "segment-before-close:2", "segment-after-close:2", "recorder-before-ack:4", "recorder-after-ack:4",
    ];

    [Theory]
    [MemberData(nameof(Points))]
    public async Task F15_A_server_that_dies_at_a_step_of_its_work_loses_and_doubles_nothing(string point)
    {
        var port = ChildProcess.FreePort();
        var endable = new EndableSource(FrameSource.Create(Images, TimeProvider.System));
        var source = new RecordingSource(endable);
        await using var publisher = Recordings.Publisher(source, new Uri($"http://127.0.0.1:{port}"));
        // A file for about every forty frames: each step is reached soon, also those of a roll.
        (string, string) small = ("FRAMEWIRE_Server__Recording__SegmentBytes", "120000");
        await using var first = await ServeAsync(port, _folder.Path, small, ("FRAMEWIRE_CRASH_AT", point));
        var publishing = publisher.RunAsync(TestContext.Current.CancellationToken);
        Assert.Equal(137, (await first.EndAsync()).Code);
        endable.End();

        await using var second = await ServeAsync(port, _folder.Path, small);
        await publishing.WaitAsync(Limit);
        await second.SignalAsync("TERM");
        Assert.Equal(0, (await second.EndAsync()).Code);

        Recordings.RequireJust(source.Passed, _folder.Path);
    }

    [Theory]
    [InlineData("retention-before-delete")]
    [InlineData("retention-after-delete:2")]
    public async Task F15_A_server_that_dies_while_it_deletes_keeps_the_rest_and_its_catalogue_true(string point)
    {
        var port = ChildProcess.FreePort();
        var endable = new EndableSource(FrameSource.Create(Images, TimeProvider.System));
        var source = new RecordingSource(endable);
        await using var publisher = Recordings.Publisher(source, new Uri($"http://127.0.0.1:{port}"));
        (string, string)[] small = [("FRAMEWIRE_Server__Recording__SegmentBytes", "60000"), ("FRAMEWIRE_Server__Recording__KeepBytes", "400000")];
        await using var first = await ServeAsync(port, _folder.Path, [.. small, ("FRAMEWIRE_CRASH_AT", point)]);
        var publishing = publisher.RunAsync(TestContext.Current.CancellationToken);
        Assert.Equal(137, (await first.EndAsync()).Code);
        endable.End();

        await using (var second = await ServeAsync(port, _folder.Path, small))
        {
            await publishing.WaitAsync(Limit);
            await Eventually.TrueAsync(() => new DirectoryInfo(_folder["cam"]).EnumerateFiles().Sum(file => file.Length) < 400_000);
            await second.SignalAsync("TERM");
            Assert.Equal(0, (await second.EndAsync()).Code);
        }

        var kept = Recordings.ReadFolder(_folder.Path);
        Assert.NotEmpty(kept);
        Assert.Equal(source.Passed.TakeLast(kept.Count), kept);
        using var store = RecordingStore.Open(_folder.Path, NullLogger.Instance);
        Assert.Equal(
            Directory.EnumerateFiles(_folder["cam"]).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal),
            store.Catalogue.Find("cam", DateTimeOffset.MinValue, DateTimeOffset.MaxValue).Select(row => row.File));
        Assert.Equal($"1-{source.Passed.Count}", $"{store.Catalogue.Held("cam", store.Catalogue.Find("cam", DateTimeOffset.MinValue, DateTimeOffset.MaxValue)[0].Header.Session)}");
    }

    [Fact]
    public async Task F19_A_copy_of_the_folder_taken_while_it_is_written_holds_every_frame_that_was_acked()
    {
        await using var host = await FramewireHost.StartAsync(Recordings.Server(_folder["live"], options => options with { SegmentBytes = 200_000 }));
        var source = new EndableSource(FrameSource.Create(Images, TimeProvider.System));
        var passed = new RecordingSource(source);
        await using var publisher = Recordings.Publisher(passed, host.Address);
        var publishing = publisher.RunAsync(TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => publisher.Snapshot().Acked > 200);
        var acked = publisher.Snapshot().Acked;
        await Tool.RunAsync("cp", ["-r", _folder["live"], _folder["copy"]]);
        source.End();
        await publishing.WaitAsync(Limit);

        var copied = Recordings.ReadFolder(_folder["copy"]);
        Assert.True(copied.Count >= acked, $"{acked} were acked, {copied.Count} are in the copy.");
        Assert.Equal(passed.Passed.Take(copied.Count), copied);
        await using (await FramewireHost.StartAsync(Recordings.Server(_folder["copy"])))
        {
            // A server goes on from it.
        }

        Recordings.RequireJust([.. passed.Passed.Take(copied.Count)], _folder["copy"]);
    }

    [Fact]
    public async Task F19_A_lost_last_page_costs_its_chunk_and_what_was_acked_in_it_is_asked_for_again()
    {
        await using (var host = await FramewireHost.StartAsync(Recordings.Server(_folder.Path, options => options with { FlushBytes = 10 * 3072 })))
            await host.PublishAsync(FaultScene.SmallImages with { Fast = true }, options => options with { Frames = 100, Ack = Framewire.Edge.PublishAck.Persisted });
        File.Delete(_folder["catalogue.db"]);
        var path = Assert.Single(Directory.EnumerateFiles(_folder["cam"]));
        var end = Framewire.Protocol.Log.SegmentRepair.Inspect(path)!;
        using (var file = File.OpenWrite(path))
        {
            // The end as it is without the summary, and its last page never written.
            file.SetLength(Math.Min(file.Length, end.Bytes) * 9 / 10);
            file.Position = file.Length - 4096;
            file.Write(new byte[4096]);
        }

        await using (await FramewireHost.StartAsync(Recordings.Server(_folder.Path)))
            Assert.True(Framewire.Protocol.Log.SegmentRepair.Inspect(path)!.IsClosed);
        var left = Recordings.ReadFolder(_folder.Path).ConvertAll(frame => (int)frame.Sequence);
        Assert.InRange(left.Count, 60, 95);
        Assert.Equal(Enumerable.Range(1, left.Count), left);
    }

    [Fact]
    public async Task F22_A_server_that_stands_still_is_left_and_found_again()
    {
        var port = ChildProcess.FreePort();
        var source = new EndableSource(FrameSource.Create(Images, TimeProvider.System));
        var passed = new RecordingSource(source);
        await using var server = await ServeAsync(port, _folder.Path);
        await using var publisher = Recordings.Publisher(passed, new Uri($"http://127.0.0.1:{port}"), options => options with { SilenceLimit = TimeSpan.FromSeconds(1) });
        var publishing = publisher.RunAsync(TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => publisher.Snapshot().Acked > 50, Limit);
        await server.SignalAsync("STOP");
        var stopped = Stopwatch.GetTimestamp();
        await Eventually.TrueAsync(() => Stopwatch.GetElapsedTime(stopped) > TimeSpan.FromSeconds(2.5), Limit);
        await server.SignalAsync("CONT");
        var acked = publisher.Snapshot().Acked;
        await Eventually.TrueAsync(() => publisher.Snapshot().Acked > acked + 100, Limit);
        source.End();
        await publishing.WaitAsync(Limit);
        await server.SignalAsync("TERM");
        Assert.Equal(0, (await server.EndAsync()).Code);

        Assert.True(publisher.Snapshot().Reconnects > 0);
        Recordings.RequireJust(passed.Passed, _folder.Path);
    }

    [Fact]
    public async Task F23_A_server_that_is_asked_to_stop_closes_its_last_file()
    {
        var port = ChildProcess.FreePort();
        var source = new EndableSource(FrameSource.Create(Images, TimeProvider.System));
        var passed = new RecordingSource(source);
        await using var publisher = Recordings.Publisher(passed, new Uri($"http://127.0.0.1:{port}"));
        var publishing = publisher.RunAsync(TestContext.Current.CancellationToken);
        await using (var first = await ServeAsync(port, _folder.Path))
        {
            await Eventually.TrueAsync(() => publisher.Snapshot().Acked > 50, Limit);
            await first.SignalAsync("TERM");
            Assert.Equal(0, (await first.EndAsync()).Code);
        }

        Assert.All(Directory.EnumerateFiles(_folder["cam"]), file => Assert.True(Framewire.Protocol.Log.SegmentRepair.Inspect(file)!.IsClosed));
        source.End();
        await using var second = await ServeAsync(port, _folder.Path);
        await publishing.WaitAsync(Limit);
        Assert.DoesNotContain("was not closed in order", second.Errors, StringComparison.Ordinal);
        await second.SignalAsync("TERM");
        Assert.Equal(0, (await second.EndAsync()).Code);
        Recordings.RequireJust(passed.Passed, _folder.Path);
    }
}
