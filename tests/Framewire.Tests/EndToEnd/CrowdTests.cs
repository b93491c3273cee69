using System.Diagnostics;
using Framewire.Edge;
using Framewire.Edge.Sources;
using Framewire.Protocol.V1;
using Framewire.Protocol.Wire;
using Framewire.Server;
using Framewire.Server.Streams;
using Framewire.Tests.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Framewire.Tests.EndToEnd;

/// <summary>Many peers at once, and one that will not read.</summary>
public sealed class CrowdTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(50);
    private static readonly SourceOptions SmallImages = FaultScene.SmallImages;

    private static void SaySince(long since, string what) =>
        TestContext.Current.TestOutputHelper?.WriteLine($"{what}: {Stopwatch.GetElapsedTime(since).TotalMilliseconds:0} ms");

    [Fact]
    public async Task A_viewer_that_reads_nothing_harms_nobody_and_nothing_piles_up_for_it()
    {
        var limits = new StreamLimits { HistoryBytes = 200_000, ViewerLagFrames = 50 };
        await using var host = await FramewireHost.StartAsync(new FramewireOptions { Streams = limits });
        await using var slow = host.Connect(Clients.Options with { StreamWindowBytes = 65_535 });
        await using var stuck = await Watching.StartAsync(slow, new WatchRequest { Stream = "cam", Wait = true });
        await using var connection = host.Connect();
        var watching = Viewer.WatchAsync(connection, "cam");
        await Eventually.TrueAsync(() => host.Streams.Find("cam")?.Status().Viewers == 2);

        var end = await host.PublishAsync(SmallImages with { FrameRate = 200 }, options => options with { Frames = 600 });
        var seen = await watching.WaitAsync(Patience);

        Assert.Equal(Enumerable.Range(1, 600).Select(n => (ulong)n), seen.Select(frame => frame.Sequence));
        Assert.Equal((600L, 0L, 0L), (end.Acked, end.DroppedTotal, end.Reconnects));
        // What it gets when it reads at last: what had been sent to it, then a jump to the newest.
        var others = new List<WatchResponse>();
        var (sequence, contiguous) = (0ul, 0);
        while (others.All(other => other.Gap is null))
        {
            var frame = await Watching.NextFrameAsync(stuck, others);
            (sequence, contiguous) = (frame.Sequence, contiguous + (others.All(other => other.Gap is null) ? 1 : 0));
            frame.Release();
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{contiguous} frames were under way to it; then frame {sequence}. Acks: {end.AckMilliseconds}");
        Assert.True(contiguous * 3072 < 3 * 1024 * 1024 / 4, $"{contiguous} frames were held for a viewer that reads nothing.");
        Assert.Equal(600ul, sequence);
    }

    [Fact]
    public async Task Three_hundred_viewers_come_and_go_at_once()
    {
        await using var host = await FramewireHost.StartAsync();
        using var stop = new CancellationTokenSource();
        var options = new PublisherOptions { Server = host.Address, Stream = "cam", Mode = PublishMode.Live };
        await using var publisher = new Publisher(
            options, SourceFactory.Create(SmallImages with { FrameRate = 15 }, TimeProvider.System), Clients.Options, TimeProvider.System, NullLogger.Instance);
        var publishing = publisher.RunAsync(stop.Token);
        await Eventually.TrueAsync(() => publisher.Snapshot().Acked > 0);
        ClientConnection[] connections = [.. Enumerable.Range(0, 6).Select(_ => host.Connect())];

        var start = Stopwatch.GetTimestamp();
        var calls = await Task.WhenAll(Enumerable.Range(0, 300).Select(n => Watching.StartAsync(connections[n % connections.Length], new WatchRequest { Stream = "cam", Wait = true })));
        foreach (var first in await Task.WhenAll(calls.Select(call => Watching.NextFrameAsync(call))))
            first.Release();
        SaySince(start, "all had their first frame after");
        Assert.Equal(300, host.Streams.Find("cam")!.Status().Viewers);
        await Task.WhenAll(calls.Select(call => call.DisposeAsync().AsTask()));

        await Eventually.TrueAsync(() => host.Streams.Find("cam")!.Status().Viewers == 0);
        await stop.CancelAsync();
        await publishing.WaitAsync(Patience);
        var end = publisher.Snapshot();
        Assert.Equal((0L, 0L), (end.Reconnects, end.InFlight));
        foreach (var connection in connections)
            await connection.DisposeAsync();
    }

    [Fact]
    public async Task A_hundred_publishers_that_are_all_cut_at_once_come_back()
    {
        await using var host = await FramewireHost.StartAsync();
        await using var proxy = await FaultProxy.StartAsync(host.Address.Port);
        var publishers = Enumerable.Range(0, 100).Select(n => new Publisher(
            new PublisherOptions { Server = proxy.Address, Stream = $"cam-{n}", Mode = PublishMode.Lossless, Frames = 40 },
            SourceFactory.Create(SmallImages with { Size = (32, 32), FrameRate = 10 }, TimeProvider.System),
            Clients.Options,
            TimeProvider.System,
            NullLogger.Instance)).ToList();
        var running = publishers.ConvertAll(publisher => publisher.RunAsync(TestContext.Current.CancellationToken));
        await Eventually.TrueAsync(() => publishers.TrueForAll(publisher => publisher.Snapshot().Acked > 0));

        var cut = Stopwatch.GetTimestamp();
        Assert.Equal(100, (await proxy.TellAsync("rst")).GetProperty("closed").GetInt32());
        await Eventually.TrueAsync(() => publishers.TrueForAll(publisher => publisher.Snapshot().Reconnects == 1));
        SaySince(cut, "all were back after");
        await Task.WhenAll(running).WaitAsync(Patience);

        Assert.All(publishers, publisher => Assert.Equal((40L, 40L, 0L), (publisher.Snapshot().Captured, publisher.Snapshot().Acked, publisher.Snapshot().DroppedTotal)));
        var sessions = host.Streams.All.Select(stream => stream.Status().Session!).ToList();
        Assert.Equal(100, sessions.Count);
        Assert.All(sessions, session => Assert.Equal((40ul, 0ul), (session.Frames, session.Missing)));
        foreach (var publisher in publishers)
            await publisher.DisposeAsync();
    }
}
