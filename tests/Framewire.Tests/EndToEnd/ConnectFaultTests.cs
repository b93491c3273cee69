using System.Diagnostics;
using System.Text.Json;
using Framewire.Edge;
using Framewire.Edge.Sources;
using Framewire.Tests.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Framewire.Tests.EndToEnd;

/// <summary>Servers that cannot be reached at first, and servers that stand still.</summary>
public sealed class ConnectFaultTests
{
    /// <summary>Connections that a listener has not accepted yet: the queue length of /proc/net/tcp, where 0A is LISTEN.</summary>
    private static int WaitingAt(int port) => File.ReadLines("/proc/net/tcp")
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Where(fields => fields[3] == "0A" && fields[1].EndsWith($":{port:X4}", StringComparison.Ordinal))
        .Sum(fields => Convert.ToInt32(fields[4].Split(':')[1], 16));

    [Theory]
    [InlineData("refuse")]
    [InlineData("synblock")]
    public async Task A_publisher_that_finds_no_server_at_first_loses_nothing(string fault)
    {
        await using var host = await FramewireHost.StartAsync(FaultScene.QuickServer);
        await using var proxy = await FaultProxy.StartAsync(host.Address.Port);
        await proxy.TellAsync($"{fault} on");
        await using var scene = FaultScene.Start(host, proxy.Address, FaultScene.SmallImages, options => options with { Frames = 250 });
        await scene.UntilAsync(() => scene.Publisher.Snapshot().Captured > 200);
        Assert.False(scene.Publisher.IsConnected);

        var healed = Stopwatch.GetTimestamp();
        await proxy.TellAsync($"{fault} off");
        await scene.UntilAsync(() => scene.Publisher.IsConnected, TimeSpan.FromSeconds(30));
        TestContext.Current.TestOutputHelper?.WriteLine($"connected after: {Stopwatch.GetElapsedTime(healed).TotalMilliseconds:0} ms");

        Assert.Equal(0, (await scene.EndsWithoutLossAsync()).Reconnects);
    }

    [Fact]
    public async Task A_name_that_nobody_knows_is_looked_for_as_long_as_was_asked()
    {
        var options = new PublisherOptions
        {
            Server = new Uri("https://camera-server.invalid:50051"),
            Stream = "cam",
            Mode = PublishMode.Lossless,
            WaitForServer = TimeSpan.FromSeconds(1),
        };
        await using var publisher = new Publisher(
            options, SourceFactory.Create(FaultScene.SmallImages, TimeProvider.System), Clients.Options, TimeProvider.System, NullLogger.Instance);

        var failure = await Assert.ThrowsAsync<ServerNotFoundException>(
            () => publisher.RunAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30)));

        Assert.Contains("camera-server.invalid", failure.Message, StringComparison.Ordinal);
        var end = publisher.Snapshot();
        Assert.True(end.Captured > 10, $"{end.Captured} frames were captured meanwhile.");
        Assert.Equal(end.Captured, end.DroppedTotal);
    }

    [Fact]
    public async Task A_server_that_stood_still_goes_on_with_one_publisher_and_has_every_frame()
    {
        var (port, web) = (ChildProcess.FreePort(), ChildProcess.FreePort());
        await using var server = FramewireProcess.Start("serve", "--listen", $"127.0.0.1:{port}", "--web", $"127.0.0.1:{web}");
        await server.SaysAsync("Taking frames on");
        await using var publisher = FramewireProcess.Start(
            new Dictionary<string, string>
            {
                ["FRAMEWIRE_Publisher__SilenceLimit"] = "00:00:01.500",
                ["FRAMEWIRE_Publisher__ReconnectDelay"] = "00:00:00.050",
                ["FRAMEWIRE_Publisher__MaxReconnectDelay"] = "00:00:00.200",
            },
            "publish", "test", "--size", "64x48", "--fps", "60", "--frames", "300", "--mode", "lossless", "--to", $"127.0.0.1:{port}", "--stream", "cam", "--json");
        await publisher.SaysAsync("Connected to");

        await server.SignalAsync("STOP");
        await publisher.SaysAsync("The link is lost");
        await Eventually.TrueAsync(() => WaitingAt(port) >= 2);
        await server.SignalAsync("CONT");

        var (code, output, errors) = await publisher.EndAsync();
        Assert.True(code == 0, errors);
        var end = JsonDocument.Parse(output).RootElement;
        Assert.Equal((300L, 300L), (end.GetProperty("captured").GetInt64(), end.GetProperty("acked").GetInt64()));
        using var http = new HttpClient();
        var stream = JsonDocument.Parse(await http.GetStringAsync(new Uri($"http://127.0.0.1:{web}/streams"), TestContext.Current.CancellationToken)).RootElement[0];
        Assert.Equal((300L, 0L), (stream.GetProperty("frames").GetInt64(), stream.GetProperty("missing").GetInt64()));
        TestContext.Current.TestOutputHelper?.WriteLine($"{errors}\n{output}\n{stream}");
    }
}
