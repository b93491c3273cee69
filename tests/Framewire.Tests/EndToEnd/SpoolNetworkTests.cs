using Framewire.Edge;
using Framewire.Edge.Sources;
using Framewire.Protocol.Video;
using Framewire.Tests.Testing;

namespace Framewire.Tests.EndToEnd;

/// <summary>Bad networks between a publisher with a spool and a server that records: what was captured is on disk, once, byte for byte.</summary>
public sealed class SpoolNetworkTests
{
    private static void Say(string text) => TestContext.Current.TestOutputHelper?.WriteLine(text);

    [Theory]
    [InlineData("")]
    [InlineData(" keep")]
    public async Task F1_After_a_blackout_live_is_back_at_once_and_nothing_is_lost(string how)
    {
        await using var scene = await SpoolScene.StartAsync(frames: 800);
        await scene.UntilAsync(() => scene.Publisher.Snapshot().Acked > 50);

        await scene.Proxy.TellAsync($"blackout 3{how}");
        var over = DateTimeOffset.UtcNow + TimeSpan.FromSeconds(3);
        await scene.UntilAsync(() => !scene.Publisher.IsConnected);
        var live = await scene.FirstLiveFrameAsync(over);

        Say($"first live frame {live.TotalMilliseconds:0} ms after the network was back");
        Assert.True(live < TimeSpan.FromSeconds(3), $"{live}");
        Assert.True((await scene.EndsOnDiskAsync()).Reconnects >= 1);
    }

    [Fact]
    public async Task F2_A_long_backlog_drains_beside_live_frames_that_do_not_wait_for_it()
    {
        // 2.5 Mbit/s are captured, 4.5 come through: what six seconds have left takes more than as long.
        await using var scene = await SpoolScene.StartAsync(frames: 1900, faults: ["--rate", "4500"]);
        await scene.UntilAsync(() => scene.Publisher.Snapshot().Acked > 20);
        await scene.Proxy.BlackoutAsync(6);
        await scene.UntilAsync(() => scene.Publisher.IsConnected);
        var back = DateTimeOffset.UtcNow;
        var backlog = scene.Publisher.Snapshot().Spooled;
        await scene.UntilAsync(() => scene.Publisher.Snapshot().Spooled < backlog / 4, TimeSpan.FromSeconds(30));
        var drained = DateTimeOffset.UtcNow;

        var live = scene.Reader.Arrivals
            .Where(arrival => arrival.ReceivedAt > back + TimeSpan.FromSeconds(1) && arrival.ReceivedAt < drained && arrival.ReceivedAt - arrival.Age > back)
            .Select(arrival => arrival.Age).Order().ToList();
        var rate = live.Count / (drained - back - TimeSpan.FromSeconds(1)).TotalSeconds;
        Say($"backlog {backlog}, three quarters of it in {(drained - back).TotalSeconds:0.0} s; live meanwhile {rate:0} a second, age p95 {live[live.Count * 95 / 100].TotalMilliseconds:0} ms");
        Assert.True(backlog > 200, $"{backlog} frames waited.");
        Assert.True(rate > 50, $"Live was starved: {rate:0.0} frames a second of 100.");
        await scene.EndsOnDiskAsync();
    }

    [Theory]
    [InlineData("down")]
    [InlineData("both")]
    public async Task F3_F4_What_a_silent_link_swallowed_is_on_disk_once(string ways)
    {
        await using var scene = await SpoolScene.StartAsync(frames: 400);
        await scene.UntilAsync(() => scene.Publisher.Snapshot().Acked > 20);
        await scene.Proxy.TellAsync($"stall {ways}");
        await scene.UntilAsync(() => !scene.Publisher.IsConnected);

        await scene.Proxy.TellAsync("resume");

        Assert.True((await scene.EndsOnDiskAsync()).Reconnects >= 1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task F5_However_often_it_is_cut_each_frame_is_on_disk_once(bool inOrder)
    {
        var seed = Random.Shared.Next(1_000_000);
        Say($"seed {seed}");
        await using var scene = await SpoolScene.StartAsync(
            frames: 500,
            change: options => options with { Spool = options.Spool with { InOrder = inOrder } },
            faults: ["--delay", "15", "--jitter", "10", "--cut-every", "0.35", "--cut-jitter", "60", "--seed", $"{seed}"]);

        var end = await scene.EndsOnDiskAsync();

        Assert.True(end.Reconnects >= 3, $"{end.Reconnects} reconnects");
    }

    [Fact]
    public async Task F6_On_a_link_too_thin_frames_wait_on_disk_and_no_time_out_loops()
    {
        // 2 Mbit/s are captured.
        var source = FaultScene.SmallImages with { Size = (104, 80), FrameRate = 30 };
        await using var scene = await SpoolScene.StartAsync(frames: 180, source, faults: ["--rate", "256"]);
        await scene.UntilAsync(() => scene.Publisher.Snapshot() is { Captured: > 150, Spooled: > 60, Acked: > 5 }, TimeSpan.FromSeconds(20));
        Say($"after five seconds: {scene.Publisher.Snapshot()}");

        await scene.Proxy.TellAsync("set up=0 down=0");

        Assert.Equal(0, (await scene.EndsOnDiskAsync()).Reconnects);
    }

    [Fact]
    public async Task F7_A_long_and_uneven_way_costs_no_frame_and_no_rate()
    {
        var source = FaultScene.SmallImages with { FrameRate = 30, Size = (32, 32) };
        await using var scene = await SpoolScene.StartAsync(
            frames: 120, source, options => options with { SilenceLimit = TimeSpan.FromSeconds(5) }, ["--delay", "300", "--jitter", "100", "--seed", $"{Random.Shared.Next(1000)}"]);

        var end = await scene.EndsOnDiskAsync();

        Assert.Equal(0, end.Reconnects);
        Say($"persisted p50 {end.PersistMilliseconds.P50:0} ms, p99 {end.PersistMilliseconds.P99:0} ms");
    }

    [Theory]
    [InlineData("refuse")]
    [InlineData("synblock")]
    public async Task F9_A_publisher_started_before_its_server_loses_nothing(string fault)
    {
        await using var scene = await SpoolScene.StartAsync(frames: 250, first: $"{fault} on");
        await scene.UntilAsync(() => scene.Publisher.Snapshot().Captured > 200);
        Assert.False(scene.Publisher.IsConnected);
        Assert.True(scene.Publisher.Snapshot().Spooled > 100, "What waits does not wait on disk.");

        await scene.Proxy.TellAsync($"{fault} off");

        await scene.UntilAsync(() => scene.Publisher.IsConnected, TimeSpan.FromSeconds(30));
        Assert.Equal(0, (await scene.EndsOnDiskAsync()).Reconnects);
        var waiting = scene.Log.All.Where(line => line.StartsWith("Waiting for server", StringComparison.Ordinal)).ToList();
        Say(string.Join('\n', waiting));
        // A connection that is reset fails now in one way, now in another; each is told once.
        Assert.InRange(waiting.Count, 1, 8);
        Assert.Equal(waiting.Distinct(), waiting);
        Assert.Single(scene.Log.All, line => line.StartsWith("Connected to", StringComparison.Ordinal));
    }

    [Fact]
    public async Task F2_What_fell_out_of_a_spool_too_small_is_noted_in_the_recording_and_all_else_is_there()
    {
        await using var scene = await SpoolScene.StartAsync(
            frames: 700,
            FaultScene.SmallImages with { FrameRate = 250 },
            options => options with { Spool = options.Spool with { MaxBytes = 1 << 20, SegmentBytes = 64 << 10 } },
            first: "refuse on");
        await scene.UntilAsync(() => scene.Publisher.Snapshot().DroppedTotal > 100);

        await scene.Proxy.TellAsync("refuse off");

        var (end, recorded) = await scene.EndAsync();
        recorded.HasNothingTwice();
        var missing = Enumerable.Range(1, 700).Select(number => (ulong)number).Except(recorded.Pictures.Select(picture => picture.Sequence)).ToList();
        Assert.Equal((700L, (long)missing.Count), (end.Captured, end.DroppedTotal));
        Assert.All(recorded.Gaps, gap => Assert.Equal(DropReason.SpoolFull, gap.Reason));
        Assert.Equal(missing, recorded.Gaps.SelectMany(gap => Enumerable.Range((int)gap.First, (int)gap.Count)).Select(number => (ulong)number).Distinct().Order());
    }

    [Fact]
    public async Task F9_A_name_that_nobody_knows_keeps_everything_in_the_spool_and_is_told_once()
    {
        using var folder = new Folder();
        var log = new LogLines();
        var options = new PublisherOptions
        {
            Server = new Uri("https://camera-server.invalid:50051"),
            Stream = "cam",
            Mode = PublishMode.Lossless,
            Ack = PublishAck.Persisted,
            ReconnectDelay = TimeSpan.FromMilliseconds(20),
            FlushTimeout = TimeSpan.FromMilliseconds(200),
            Spool = new SpoolOptions { Directory = folder.Path, MaxDiskPercent = 100 },
        };
        await using var publisher = new Publisher(options, SourceFactory.Create(FaultScene.SmallImages, TimeProvider.System), Clients.Options, TimeProvider.System, log);
        using var stop = new CancellationTokenSource();
        var running = publisher.RunAsync(stop.Token);
        await Eventually.TrueAsync(() => publisher.Snapshot().Spooled > 100);

        await stop.CancelAsync();
        await running.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(publisher.Snapshot().Captured, publisher.Snapshot().Spooled);
        Assert.Contains("camera-server.invalid", Assert.Single(log.All, line => line.StartsWith("Waiting for server", StringComparison.Ordinal)), StringComparison.Ordinal);
    }
}
