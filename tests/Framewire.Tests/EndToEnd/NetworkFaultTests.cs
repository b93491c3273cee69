using System.Diagnostics;
using Framewire.Edge;
using Framewire.Protocol.Video;
using Framewire.Tests.Testing;

namespace Framewire.Tests.EndToEnd;

/// <summary>Networks that cut, stall, delay, throttle and go dark between a publisher and a server.</summary>
public sealed class NetworkFaultTests
{
    private static void Say(string text) => TestContext.Current.TestOutputHelper?.WriteLine(text);

    private static void SaySince(long since, string what) => Say($"{what}: {Stopwatch.GetElapsedTime(since).TotalMilliseconds:0} ms");

    [Theory]
    [InlineData("rst")]
    [InlineData("fin")]
    public async Task Whatever_is_cut_a_lossless_stream_arrives_once_in_order_byte_for_byte(string mode)
    {
        var seed = Random.Shared.Next(1_000_000);
        Say($"seed {seed}");
        await using var host = await FramewireHost.StartAsync(FaultScene.QuickServer);
        await using var proxy = await FaultProxy.StartAsync(
            host.Address.Port, "--delay", "15", "--jitter", "10", "--cut-every", "0.35", "--cut-jitter", "60", "--cut-mode", mode, "--seed", $"{seed}");
        await using var scene = FaultScene.Start(host, proxy.Address, FaultScene.SmallImages, options => options with { Frames = 400 });

        var end = await scene.EndsWithoutLossAsync();

        Assert.True(end.Reconnects >= 3, $"{end.Reconnects} reconnects");
        Assert.True(end.Sent > end.Captured, "No frame was ever sent twice: the cuts cost nothing.");
    }

    /// <summary>Where a connection is cut in a message: its prefix is 5 bytes. The last two are large frames, whose payload is a DATA frame of its own.</summary>
    [Theory]
    [InlineData(64, "before the prefix")]
    [InlineData(64, "in the prefix")]
    [InlineData(64, "in the middle")]
    [InlineData(64, "one byte before the end")]
    [InlineData(64, "at the last byte")]
    [InlineData(256, "in the middle")]
    [InlineData(256, "at the last byte")]
    public async Task Wherever_a_message_is_cut_it_arrives_once(int width, string where)
    {
        await using var host = await FramewireHost.StartAsync(FaultScene.QuickServer);
        await using var relay = new CuttingRelay(host.Address.Port, dataFrame: 20, length => where switch
        {
            "before the prefix" => 0,
            "in the prefix" => 3,
            "in the middle" => length / 2,
            "one byte before the end" => length - 1,
            _ => length,
        });
        var source = FaultScene.SmallImages with { Size = (width, 48), Fast = true };
        await using var scene = FaultScene.Start(host, relay.Address, source, options => options with { Frames = 60 });

        var end = await scene.EndsWithoutLossAsync();

        Assert.Equal((1, 1L), (relay.Cuts, end.Reconnects));
    }

    [Fact]
    public async Task Acks_that_are_held_up_for_a_moment_cost_nothing()
    {
        await using var host = await FramewireHost.StartAsync();
        await using var proxy = await FaultProxy.StartAsync(host.Address.Port);
        await using var scene = FaultScene.Start(
            host, proxy.Address, FaultScene.SmallImages, options => options with { Frames = 150, SilenceLimit = TimeSpan.FromSeconds(20) });
        await scene.UntilAsync(() => scene.Publisher.Snapshot().Acked > 10);
        await proxy.TellAsync("stall down");
        await scene.UntilAsync(() => scene.Publisher.Snapshot() is { InFlight: 64, Captured: > 100 });
        Assert.True(scene.Reader.Count > scene.Publisher.Snapshot().Acked + 40, "The frames did not go on arriving.");

        await proxy.TellAsync("resume");

        Assert.Equal(0, (await scene.EndsWithoutLossAsync()).Reconnects);
    }

    [Theory]
    [InlineData("down")]
    [InlineData("both")]
    public async Task A_link_that_goes_silent_is_noticed_and_what_it_swallowed_is_sent_again(string ways)
    {
        await using var host = await FramewireHost.StartAsync(FaultScene.QuickServer);
        await using var proxy = await FaultProxy.StartAsync(host.Address.Port);
        await using var scene = FaultScene.Start(host, proxy.Address, FaultScene.SmallImages, options => options with { Frames = 400 });
        await scene.UntilAsync(() => scene.Publisher.Snapshot().Acked > 10);
        await proxy.TellAsync($"stall {ways}");
        var stalled = Stopwatch.GetTimestamp();
        await scene.UntilAsync(() => !scene.Publisher.IsConnected);
        SaySince(stalled, "noticed after");
        Assert.True(Stopwatch.GetElapsedTime(stalled) < TimeSpan.FromSeconds(6), "It was noticed late.");
        // The old connection comes back from the dead, with all it held, while the new one is being made.
        var healed = Stopwatch.GetTimestamp();
        await proxy.TellAsync("resume");
        await scene.UntilAsync(() => scene.Publisher.IsConnected);
        SaySince(healed, "connected again after");

        Assert.True((await scene.EndsWithoutLossAsync()).Reconnects >= 1);
    }

    [Fact]
    public async Task A_long_and_uneven_way_costs_a_live_stream_nothing()
    {
        await using var host = await FramewireHost.StartAsync();
        await using var proxy = await FaultProxy.StartAsync(host.Address.Port, "--delay", "300", "--jitter", "100", "--seed", $"{Random.Shared.Next(1000)}");
        var source = FaultScene.SmallImages with { FrameRate = 30 };
        await using var scene = FaultScene.Start(
            host, proxy.Address, source, options => options with { Mode = PublishMode.Live, Frames = 240, SilenceLimit = TimeSpan.FromSeconds(5) });

        var end = await scene.EndsWithDropsCountedAsync();

        Assert.Equal(0, end.Reconnects);
        Assert.True(end.Acked > 150, $"Only {end.Acked} frames arrived.");
        Assert.All(end.Dropped, drop => Assert.Equal(DropReason.Disconnected, drop.Key));
    }

    [Fact]
    public async Task On_a_link_too_thin_a_live_stream_stays_fresh_and_counts_what_it_drops()
    {
        await using var host = await FramewireHost.StartAsync();
        await using var proxy = await FaultProxy.StartAsync(host.Address.Port, "--rate", "256");
        // 8320 bytes, 30 a second: 2 Mbit/s.
        var source = FaultScene.SmallImages with { Size = (104, 80), FrameRate = 30 };
        await using var scene = FaultScene.Start(
            host, proxy.Address, source, options => options with { Mode = PublishMode.Live, Frames = 300, SilenceLimit = TimeSpan.FromSeconds(5) });

        var end = await scene.EndsWithDropsCountedAsync();

        var start = scene.Reader.Arrivals[0].ReceivedAt;
        var ages = scene.Reader.Arrivals.Where(arrival => arrival.ReceivedAt - start > TimeSpan.FromSeconds(3)).Select(arrival => arrival.Age).Order().ToList();
        var late = ages[ages.Count * 95 / 100];
        Say($"{ages.Count} frames after 3 s: age p50 {ages[ages.Count / 2].TotalMilliseconds:0} ms, p95 {late.TotalMilliseconds:0} ms");
        Assert.True(late < TimeSpan.FromSeconds(1.5), $"Frames are {late.TotalMilliseconds:0} ms old.");
        Assert.Equal(0, end.Reconnects);
        Assert.True(end.Acked > 15 && end.DroppedTotal > 100, $"{end.Acked} acknowledged, {end.DroppedTotal} dropped.");
    }

    [Theory]
    [InlineData(PublishMode.Lossless)]
    [InlineData(PublishMode.Live)]
    public async Task After_a_blackout_the_stream_is_back_at_once(PublishMode mode)
    {
        await using var host = await FramewireHost.StartAsync(FaultScene.QuickServer);
        await using var proxy = await FaultProxy.StartAsync(host.Address.Port);
        await using var scene = FaultScene.Start(
            host, proxy.Address, FaultScene.SmallImages with { FrameRate = 50 }, options => options with { Mode = mode, Frames = 350 });
        await scene.UntilAsync(() => scene.Publisher.Snapshot().Acked > 10);

        await proxy.BlackoutAsync(3);

        var over = (At: DateTimeOffset.UtcNow, Stamp: Stopwatch.GetTimestamp(), Frames: scene.Reader.Count);
        await scene.UntilAsync(() => scene.Reader.Count > over.Frames);
        SaySince(over.Stamp, "the first frame after");
        Assert.True(Stopwatch.GetElapsedTime(over.Stamp) < TimeSpan.FromSeconds(5), "It came back late.");
        if (mode == PublishMode.Lossless)
        {
            await scene.EndsWithoutLossAsync();
            return;
        }

        var end = await scene.EndsWithDropsCountedAsync();
        Assert.True(end.Dropped[DropReason.Disconnected] > 50, $"{end.Dropped[DropReason.Disconnected]} dropped.");
        Assert.All(scene.Reader.Arrivals.Where(arrival => arrival.ReceivedAt > over.At), arrival => Assert.True(arrival.Age < TimeSpan.FromSeconds(2), $"{arrival.Age}"));
    }
}
