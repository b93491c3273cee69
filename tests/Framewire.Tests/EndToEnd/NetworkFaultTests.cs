using System.Diagnostics;
using Framewire.Tests.Testing;

namespace Framewire.Tests.EndToEnd;

/// <summary>Networks that cut and go silent between a publisher and a server.</summary>
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
        await scene.UntilAsync(() => host.Streams.Find("cam")!.Status().OfflineSince is not null);
        SaySince(stalled, "the server noticed after");
        // The old connection comes back from the dead, with all it held, while the new one is being made.
        var healed = Stopwatch.GetTimestamp();
        await proxy.TellAsync("resume");
        await scene.UntilAsync(() => scene.Publisher.IsConnected);
        SaySince(healed, "connected again after");

        Assert.True((await scene.EndsWithoutLossAsync()).Reconnects >= 1);
    }
}
