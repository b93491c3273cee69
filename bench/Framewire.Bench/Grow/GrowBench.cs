using System.Globalization;
using Framewire.Bench.Load;
using Framewire.Bench.Report;
using Framewire.Edge;
using Framewire.Protocol.Video;

namespace Framewire.Bench.Grow;

/// <summary>How cost grows with streams, with viewers and with the size of frames: a straight line each, and no cliff. And what the garbage collector does.</summary>
internal sealed class GrowBench(BenchReport report, BenchSize size)
{
    private const int SmallBytes = 1 << 10;
    private const double LowRate = 10;
    private const double AllRate = 2000;

    private static readonly int[] Streams = [1, 5, 20, 50, 100, 200, 350, 500];
    private static readonly int[] Viewers = [1, 10, 50, 100, 250, 500, 750, 1000];
    private static readonly int[] Sizes = [1_000, 4_000, 16_000, 64_000, 250_000, 1_000_000, 4_000_000, 16_000_000];

    private readonly TimeSpan _window = TimeSpan.FromSeconds(size.IsShort ? 0.5 : 1.5);

    public async Task RunAsync()
    {
        await using (var load = LoadChild.Start())
        {
            await StreamsAsync(load);
            await ViewersAsync(load);
        }

        await SizesAsync();
        await new SteadyMemory(report, size).RunAsync();
    }

    /// <summary>In the short form only the ends, the last one not as far out.</summary>
    private T[] Some<T>(T[] all) => size.IsShort ? [all[0], all[2]] : all;

    private async Task StreamsAsync(LoadChild load)
    {
        var growth = new Growth("streams", Some(Streams).Select(count => (double)count));
        await using var server = await ServerChild.FramewireAsync(ServerSettings.Crowd);
        LoadPlan Plan(int count) => new(LoadKind.Publish, server.Address, server.Id, count, SmallBytes, AllRate / count, _window.TotalSeconds);
        await MeasureAsync(growth, load, Plan, Some(Streams));
        await growth.ReportAsync(report, $"{AllRate:#,##0} frames a second of 1 KiB, of one stream or shared out among many (small, so that {Environment.ProcessorCount} cores hold five hundred streams and their load)", "publishers", "ack p99", isPerFrame: true);
    }

    private async Task ViewersAsync(LoadChild load)
    {
        var growth = new Growth("viewers", Some(Viewers).Select(count => (double)count));
        await using var server = await ServerChild.FramewireAsync(ServerSettings.Crowd);
        var options = new PublisherOptions { Server = server.Address, Stream = "watched" };
        await using var publisher = await RunningPublisher.StartAsync(options, new MadeFrames(new(Codec.Jpeg, 1280, 720, LowRate), SmallBytes, LowRate));
        LoadPlan Plan(int count) => new(LoadKind.Watch, server.Address, server.Id, count, SmallBytes, LowRate, _window.TotalSeconds) { Stream = "watched" };
        await MeasureAsync(growth, load, Plan, Some(Viewers));
        await growth.ReportAsync(report, $"Viewers of one stream of 1 KiB at {LowRate:0} fps (small and slow, that all fit beside each other)", "viewers", "capture to delivery p99", isPerFrame: false);
    }

    private async Task MeasureAsync(Growth growth, LoadChild load, Func<int, LoadPlan> plan, int[] counts)
    {
        // Cold code costs many times as much, and would be all that one stream at ten frames a second runs.
        if (!size.IsShort)
            await load.RunOrFailAsync(plan(250) with { Seconds = 5 });
        for (var round = 0; round < size.Rounds; round++)
        {
            foreach (var count in counts)
                growth.Add(count, await load.RunOrFailAsync(plan(count)));
        }
    }

    private async Task SizesAsync()
    {
        var sizes = Some(Sizes);
        var rates = sizes.ToDictionary(bytes => bytes, _ => new List<double>());
        for (var round = 0; round < size.Rounds; round++)
        {
            await using var server = await ServerChild.FramewireAsync();
            foreach (var bytes in sizes)
                rates[bytes].Add(await RateAsync(server, bytes));
        }

        report.Line("Frames of each size, none lost, as fast as they go:");
        report.Header("bytes", "frames/s", "MB/s", "µs a frame");
        List<(double X, double Y)> points = [];
        foreach (var bytes in sizes)
        {
            Figure Of(string metric, string unit, Func<double, double> value) => report.Add(new($"frames of {bytes} B", "Framewire", metric, unit, [.. rates[bytes].Select(value)]));
            var frames = Of("frames", "1/s", rate => rate * 1e6 / bytes);
            var rate = Of("rate", "MB/s", rate => rate);
            var micros = Of("time a frame", "µs", rate => bytes / rate);
            report.Row(bytes.ToString("#,##0", CultureInfo.InvariantCulture), BenchReport.Text(frames), BenchReport.Text(rate), BenchReport.Text(micros, "#,##0.0"));
            points.Add((bytes, micros.Median));
        }

        var line = StraightLine.Through(points);
        var chart = new Chart("Time a frame takes, by its size", "bytes", "µs", new Series("measured", points), new Series("straight line", [.. Enumerable.Range(0, 61).Select(step => sizes[0] * Math.Pow((double)sizes[^1] / sizes[0], step / 60.0)).Select(bytes => (bytes, line.At(bytes)))], IsLine: true))
        {
            IsLogarithmic = true,
        };
        await Growth.ConcludeAsync(report, "sizes", chart, line, points, "bytes");
    }

    private async Task<double> RateAsync(ServerChild server, int bytes)
    {
        var options = new PublisherOptions { Server = server.Address, Stream = $"size-{bytes}", Mode = PublishMode.Lossless };
        await using var publisher = await RunningPublisher.StartAsync(options, new MadeFrames(new(Codec.Jpeg, 1280, 720, 30), bytes, 0));
        await Task.Delay(_window / 4);
        var rate = await publisher.RateAsync(_window);
        return rate > 0 ? rate : throw new IOException($"no frame of {bytes} bytes came through.");
    }
}
