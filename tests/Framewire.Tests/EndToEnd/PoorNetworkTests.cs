using System.Diagnostics;
using Framewire.Edge;
using Framewire.Protocol.Video;
using Framewire.Tests.Testing;

namespace Framewire.Tests.EndToEnd;

/// <summary>Networks that delay, throttle and go dark between a publisher and a server.</summary>
public sealed class PoorNetworkTests
{
    private static void Say(string text) => TestContext.Current.TestOutputHelper?.WriteLine(text);

    private static void SaySince(long since, string what) => Say($"{what}: {Stopwatch.GetElapsedTime(since).TotalMilliseconds:0} ms");

    [Fact]
    public async Task A_long_and_uneven_way_costs_a_live_stream_nothing()
    {
        await using var host = await FramewireHost.StartAsync();
        await using var proxy = await FaultProxy.StartAsync(host.Address.Port, "--delay", "300", "--jitter", "100", "--seed", $"{Random.Shared.Next(1000)}");
        // A thousand bytes each: before the first ack 64 KiB may go, here two seconds' worth.
        var source = FaultScene.SmallImages with { FrameRate = 30, Size = (32, 32) };
        await using var scene = FaultScene.Start(
            host, proxy.Address, source, options => options with { Mode = PublishMode.Live, Frames = 180, SilenceLimit = TimeSpan.FromSeconds(5) });

        var end = await scene.EndsWithDropsCountedAsync();

        Assert.Equal(0, end.Reconnects);
        // What grew too old before the connection stood is gone. From then on nothing is.
        var first = (int)scene.Reader.Frames[0].Sequence;
        Assert.True(first < 100, $"The first frame to arrive is {first}.");
        Assert.Equal(Enumerable.Range(first, 180 - first + 1).Select(n => (ulong)n), scene.Reader.Frames.Select(frame => frame.Sequence));
    }

    [Fact]
    public async Task On_a_link_too_thin_a_live_stream_stays_fresh_and_counts_what_it_drops()
    {
        await using var host = await FramewireHost.StartAsync();
        await using var proxy = await FaultProxy.StartAsync(host.Address.Port, "--rate", "256");
        // 8320 bytes, 30 a second: 2 Mbit/s.
        var source = FaultScene.SmallImages with { Size = (104, 80), FrameRate = 30 };
        await using var scene = FaultScene.Start(
            host, proxy.Address, source, options => options with { Mode = PublishMode.Live, Frames = 270, SilenceLimit = TimeSpan.FromSeconds(5) });

        var end = await scene.EndsWithDropsCountedAsync();

        var start = scene.Reader.Arrivals[0].ReceivedAt;
        var ages = scene.Reader.Arrivals.Where(arrival => arrival.ReceivedAt - start > TimeSpan.FromSeconds(4)).Select(arrival => arrival.Age).Order().ToList();
        var late = ages[ages.Count * 95 / 100];
        Say($"{ages.Count} frames after 4 s: age p50 {ages[ages.Count / 2].TotalMilliseconds:0} ms, p95 {late.TotalMilliseconds:0} ms");
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
            host, proxy.Address, FaultScene.SmallImages with { FrameRate = 50 }, options => options with { Mode = mode, Frames = 300 });
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
