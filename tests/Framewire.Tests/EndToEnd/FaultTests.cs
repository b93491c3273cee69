using System.Text.Json;
using Framewire.Edge;
using Framewire.Edge.Sources;
using Framewire.Tests.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Framewire.Tests.EndToEnd;

/// <summary>Servers that die, stop, hang and come back.</summary>
public sealed class FaultTests
{
    /// <summary>A publisher of the test pattern as a process of its own.</summary>
    private static FramewireProcess Publish(int port, params string[] more) =>
        FramewireProcess.Start(["publish", "test", "--size", "320x240", "--to", $"127.0.0.1:{port}", "--json", .. more]);

    /// <summary>Waits for a good end, and gives the numbers.</summary>
    private static async Task<JsonElement> EndAsync(FramewireProcess publisher)
    {
        var (code, output, errors) = await publisher.EndAsync();
        Assert.True(code == 0, errors);
        return JsonDocument.Parse(output).RootElement;
    }

    private static long Number(JsonElement json, string name) => json.GetProperty(name).GetInt64();

    [Fact]
    public async Task A_server_killed_outright_under_a_lossless_publisher_costs_no_frame()
    {
        var port = ChildProcess.FreePort();
        var first = await FramewireProcess.ServeAsync(port);
        await using var publisher = Publish(port, "--fps", "100", "--frames", "600", "--mode", "lossless");
        await publisher.SaysAsync("Connected to");
        await first.SignalAsync("KILL");
        await publisher.SaysAsync("The link is lost");
        await first.DisposeAsync();
        await using var second = await FramewireProcess.ServeAsync(port);
        await publisher.SaysAsync($"Connected to http://127.0.0.1:{port}/ again");
        await second.SignalAsync("KILL");
        await second.EndAsync();
        await using var third = await FramewireProcess.ServeAsync(port);

        var end = await EndAsync(publisher);

        Assert.Equal((600L, 600L, 0L), (Number(end, "captured"), Number(end, "acked"), Number(end, "in_flight")));
        Assert.Empty(end.GetProperty("dropped").EnumerateObject());
        Assert.True(Number(end, "reconnects") >= 2, end.ToString());
    }

    [Fact]
    public async Task A_live_publisher_counts_what_it_dropped_while_there_was_no_server()
    {
        var port = ChildProcess.FreePort();
        var options = new PublisherOptions { Server = new Uri($"http://127.0.0.1:{port}"), Stream = "cam", ReconnectDelay = TimeSpan.FromMilliseconds(50) };
        var source = SourceFactory.Create(FaultScene.SmallImages, TimeProvider.System);
        await using var publisher = new Publisher(options, source, Clients.Options, TimeProvider.System, NullLogger.Instance);
        using var stop = new CancellationTokenSource();
        var running = publisher.RunAsync(stop.Token);
        await Eventually.TrueAsync(() => publisher.Snapshot().Dropped.GetValueOrDefault(Framewire.Protocol.Video.DropReason.Disconnected) > 10);
        Assert.Equal(0, publisher.Snapshot().Sent);
        await using var host = await FramewireHost.StartAsync(port: port);
        await Eventually.TrueAsync(() => publisher.Snapshot().Acked > 10, TimeSpan.FromSeconds(30));

        await stop.CancelAsync();
        await running.WaitAsync(TimeSpan.FromSeconds(30));

        var end = publisher.Snapshot();
        Assert.Equal(end.Captured, end.Acked + end.DroppedTotal);
        Assert.Equal((ulong)end.Acked, host.Streams.Find("cam")!.Status().Session!.Frames);
    }

    [Fact]
    public async Task A_server_that_stops_in_order_loses_nothing_and_repeats_nothing()
    {
        var port = ChildProcess.FreePort();
        var first = await FramewireProcess.ServeAsync(port);
        await using var publisher = Publish(port, "--fps", "100", "--frames", "400", "--mode", "lossless");
        await publisher.SaysAsync("Connected to");
        await first.SignalAsync("TERM");
        await publisher.SaysAsync("is about to stop");
        Assert.Equal(0, (await first.EndAsync()).Code);
        await first.DisposeAsync();
        await using var second = await FramewireProcess.ServeAsync(port);

        var end = await EndAsync(publisher);

        Assert.Equal((400L, 400L, 0L), (Number(end, "captured"), Number(end, "acked"), Number(end, "duplicates")));
    }

    [Fact]
    public async Task A_server_that_stops_is_left_by_a_publisher_with_much_still_to_send()
    {
        await using var host = await FramewireHost.StartAsync(new Framewire.Server.FramewireOptions { Ingest = new() { HeartbeatInterval = TimeSpan.FromMilliseconds(100) } });
        var source = SourceFactory.Create(new SourceOptions { Source = "test", Encode = Encoding.Gray, Size = (64, 48), Fast = true }, TimeProvider.System);
        var options = new PublisherOptions { Server = host.Address, Stream = "cam", Mode = PublishMode.Lossless, MemoryBytes = 16 << 20 };
        await using var publisher = new Publisher(options, source, Clients.Options, TimeProvider.System, NullLogger.Instance);
        using var stop = new CancellationTokenSource();
        var running = publisher.RunAsync(stop.Token);
        await Eventually.TrueAsync(() => publisher.Snapshot() is { Acked: > 100, Queued: > 1000 });
        var session = host.Streams.Find("cam")!.Status().Session!;

        await host.StopAsync().WaitAsync(TimeSpan.FromSeconds(30));

        // Nothing was cut off: every frame that the server took in was acknowledged before the publisher left.
        Assert.Equal((ulong)publisher.Snapshot().Acked, session.Frames);
        Assert.Equal(0, publisher.Snapshot().InFlight);
        await stop.CancelAsync();
        await running.WaitAsync(TimeSpan.FromSeconds(30));
        var end = publisher.Snapshot();
        Assert.Equal(end.Captured, end.Acked + end.DroppedTotal + end.InFlight);
    }

    [Fact]
    public async Task Ctrl_C_publishes_what_was_captured_and_ends_with_0()
    {
        await using var host = await FramewireHost.StartAsync();
        await using var publisher = FramewireProcess.Start("publish", "test", "--size", "320x240", "--mode", "lossless", "--to", $"{host.Address}", "--json");
        await publisher.SaysAsync("Connected to");
        await publisher.SignalAsync("INT");

        var (code, output, _) = await publisher.EndAsync();

        var end = JsonDocument.Parse(output).RootElement;
        Assert.Equal((0, Number(end, "captured")), (code, Number(end, "acked")));
    }

    [Fact]
    public async Task A_server_that_says_nothing_more_is_left_and_found_again()
    {
        // A listener that takes connections and never answers stands for a hung server behind a live TCP stack.
        using var hung = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        hung.Start();
        var port = ((System.Net.IPEndPoint)hung.LocalEndpoint).Port;
        var options = new PublisherOptions
        {
            Server = new Uri($"http://127.0.0.1:{port}"),
            Stream = "cam",
            Mode = PublishMode.Lossless,
            Frames = 20,
            HeartbeatInterval = TimeSpan.FromMilliseconds(100),
            SilenceLimit = TimeSpan.FromMilliseconds(400),
        };
        var source = FrameSource.Create(new SourceOptions { Source = "test", Size = (64, 48), Fast = true }, TimeProvider.System);
        await using var publisher = new Publisher(options, source, Clients.Options, TimeProvider.System, NullLogger.Instance);
        var running = publisher.RunAsync(TestContext.Current.CancellationToken);
        using (await hung.AcceptTcpClientAsync(TestContext.Current.CancellationToken))
        {
            using var second = await hung.AcceptTcpClientAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(20));
        }

        hung.Stop();
        await using var host = await FramewireHost.StartAsync(port: port);
        await running.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(20, publisher.Snapshot().Acked);
    }

    [Fact]
    public async Task Ten_streams_at_once_are_all_acknowledged()
    {
        await using var host = await FramewireHost.StartAsync();
        var seconds = int.Parse(Environment.GetEnvironmentVariable("FRAMEWIRE_TEN_STREAMS_SECONDS") ?? "5", System.Globalization.CultureInfo.InvariantCulture);
        var source = new SourceOptions { Source = "test", Size = (640, 480), FrameRate = 15 };

        var ends = await Task.WhenAll(Enumerable.Range(0, 10).Select(n => host.PublishAsync(
            source, options => options with { Stream = $"cam-{n}", Frames = 15 * seconds, Mode = PublishMode.Lossless })));

        Assert.All(ends, end => Assert.Equal((15L * seconds, 15L * seconds, 0L), (end.Captured, end.Acked, end.DroppedTotal)));
        Assert.Equal(10, host.Streams.All.Count(stream => stream.Status().Session!.Frames == (ulong)(15 * seconds)));
    }
}
