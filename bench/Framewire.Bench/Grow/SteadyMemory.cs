using System.Globalization;
using Framewire.Bench.Load;
using Framewire.Bench.Report;
using Framewire.Edge;
using Framewire.Protocol.Video;

namespace Framewire.Bench.Grow;

/// <summary>
/// What the garbage collector of a server has to do while frames come steadily: four servers side by side, each with a camera of its own, so that
/// a minute is enough for all.
/// </summary>
internal sealed class SteadyMemory(BenchReport report, BenchSize size)
{
    private const double FrameRate = 30;
    private const string Stream = "steady";

    private static readonly Work[] Works =
    [
        new("60 KiB JPEG", new StreamFormat(Codec.Jpeg, 1280, 720, FrameRate), 60 << 10),
        new("307,200 B grey", new StreamFormat(Codec.Gray, 640, 480, FrameRate), 640 * 480),
        new("2,764,800 B BGR", new StreamFormat(Codec.Bgr, 1280, 720, FrameRate), 1280 * 720 * 3),
        new("6,220,800 B BGR", new StreamFormat(Codec.Bgr, 1920, 1080, FrameRate), 1920 * 1080 * 3),
    ];

    private readonly TimeSpan _settle = TimeSpan.FromSeconds(size.IsShort ? 0.5 : 3);
    private readonly TimeSpan _window = TimeSpan.FromSeconds(size.IsShort ? 1 : 60);

    private sealed record Run(Work Work, long Frames, Gauge Before, Gauge After);

    public async Task RunAsync()
    {
        List<(Work Work, ServerChild Server)> servers = [];
        try
        {
            foreach (var work in Works)
                servers.Add((work, await FilledAsync(work)));
            var runs = await Task.WhenAll(servers.Select(each => MeasureAsync(each.Work, each.Server)));
            report.Line($"{_window.TotalSeconds:0} s of steady streaming at 30 fps, four servers side by side, one camera each; what the server's runtime counts, with its history of frames full before:");
            report.Header("frames", "acked", "allocated a frame", "gen-2 collections", "memory of the server");
            foreach (var run in runs)
                Row(run);
            report.Line();
        }
        finally
        {
            foreach (var (_, server) in servers)
                await server.DisposeAsync();
        }
    }

    private void Row(Run run)
    {
        Figure Of(string metric, string unit, double value) => report.Add(new($"{run.Work.Name}, steady", "Framewire", metric, unit, [value]));
        var allocated = Of("allocated a frame", "B", (run.After.AllocatedBytes - run.Before.AllocatedBytes) / (double)Math.Max(1, run.Frames));
        var collections = Of("gen-2 collections", "collections", run.After.Gen2 - run.Before.Gen2);
        var resident = Of("memory of the server", "MB", run.After.ResidentBytes / 1e6);
        string Text(Figure figure) => figure.Median.ToString("#,##0", CultureInfo.InvariantCulture);
        report.Row(run.Work.Name, run.Frames.ToString("#,##0", CultureInfo.InvariantCulture), $"{Text(allocated)} B", Text(collections), $"{Text(resident)} MB");
    }

    /// <summary>A server whose history of the stream is full: from then on each frame takes the memory of an old one.</summary>
    private async Task<ServerChild> FilledAsync(Work work)
    {
        var server = await ServerChild.OwnAsync(null, "server");
        var options = new PublisherOptions { Server = server.Address, Stream = Stream, Mode = PublishMode.Lossless };
        await using var publisher = await RunningPublisher.StartAsync(options, new MadeFrames(work.Format, work.Bytes, 0));
        await Task.Delay(_settle);
        await publisher.StopAsync();
        return server;
    }

    private async Task<Run> MeasureAsync(Work work, ServerChild server)
    {
        var options = new PublisherOptions { Server = server.Address, Stream = Stream };
        await using var publisher = await RunningPublisher.StartAsync(options, new MadeFrames(work.Format, work.Bytes, FrameRate));
        await Task.Delay(_settle);
        var (before, acked) = (await server.GaugeAsync(), publisher.Snapshot().Acked);
        await Task.Delay(_window);
        return new Run(work, publisher.Snapshot().Acked - acked, before, await server.GaugeAsync());
    }
}
