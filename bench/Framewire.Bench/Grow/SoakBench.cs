using System.Diagnostics;
using System.Globalization;
using Framewire.Bench.Load;
using Framewire.Bench.Report;
using Framewire.Edge;
using Framewire.Protocol.Video;

namespace Framewire.Bench.Grow;

/// <summary>
/// A server for an hour: several cameras, viewers, and a recording that eats its tail. Memory and handles must stay what they are after the
/// first tenth.
/// </summary>
internal sealed class SoakBench(BenchReport report, TimeSpan duration, string folder)
{
    private const int Cameras = 4;
    private const int Viewers = 8;
    private const int FrameBytes = 60 << 10;
    private const double FrameRate = 30;
    private const double MostGrowth = 0.1;
    private const double FreeBytes = 20e6;
    private const int FreeHandles = 20;

    /// <summary>Until the history of every stream is full, and files have been deleted.</summary>
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(20);

    private readonly TimeSpan _interval = TimeSpan.FromSeconds(Math.Clamp(duration.TotalSeconds / 20, 1, 60));
    private readonly List<(double Minutes, Gauge Gauge)> _samples = [];

    public async Task RunAsync()
    {
        var recordings = Path.Combine(folder, Path.GetRandomFileName());
        List<RunningPublisher> publishers = [];
        try
        {
            await using var server = await ServerChild.OwnAsync(Settings(recordings), "server");
            await using var load = LoadChild.Start();
            for (var camera = 0; camera < Cameras; camera++)
            {
                var options = new PublisherOptions { Server = server.Address, Stream = $"soak-{camera}" };
                publishers.Add(await RunningPublisher.StartAsync(options, new MadeFrames(new(Codec.Jpeg, 1280, 720, FrameRate), FrameBytes, FrameRate)));
            }

            var watching = load.RunAsync(new(LoadKind.Watch, server.Address, server.Id, Viewers, FrameBytes, FrameRate, (Settle + duration).TotalSeconds) { Stream = "soak-0" });
            await SampleAsync(server, publishers);
            await ReportAsync(publishers, await watching);
        }
        finally
        {
            foreach (var publisher in publishers)
                await publisher.DisposeAsync();
            if (Directory.Exists(recordings))
                Directory.Delete(recordings, recursive: true);
        }
    }

    /// <summary>The recording is full after half a minute.</summary>
    private static ServerSettings Settings(string recordings) => new()
    {
        ["Server__Streams__HistoryBytes"] = "8388608",
        ["Server__Recording__Streams"] = "*",
        ["Server__Recording__Directory"] = recordings,
        ["Server__Recording__SegmentBytes"] = "16777216",
        ["Server__Recording__KeepBytes"] = "134217728",
    };

    private async Task SampleAsync(ServerChild server, List<RunningPublisher> publishers)
    {
        await Task.Delay(Settle);
        for (var since = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(since) < duration;)
        {
            var acked = publishers.Sum(publisher => publisher.Snapshot().Acked);
            await Task.Delay(_interval);
            _samples.Add((Stopwatch.GetElapsedTime(since).TotalMinutes, await server.GaugeAsync()));
            if (publishers.Sum(publisher => publisher.Snapshot().Acked) == acked)
                throw new IOException($"no frame was acknowledged for {_interval.TotalSeconds:0} s.");
        }
    }

    private async Task ReportAsync(List<RunningPublisher> publishers, LoadResult watched)
    {
        var (resident, heap) = (Series(gauge => gauge.ResidentBytes / 1e6), Series(gauge => gauge.HeapBytes / 1e6));
        var chart = new Chart("Memory of a server that takes, shows and records four cameras", "minutes", "MB", new Series("process", resident, IsLine: true), new Series("garbage-collected heap", heap, IsLine: true), new Series("gen-2 collections", Series(gauge => gauge.Gen2), OnRight: true, IsLine: true))
        {
            Right = "gen-2 collections",
        };
        await chart.DrawAsync(Path.Combine(report.Folder, "soak.svg"));

        var ends = publishers.Select(publisher => publisher.Snapshot()).ToList();
        var delivered = watched.Acked * 100.0 / Math.Max(1, watched.Offered);
        report.Line(string.Create(
            CultureInfo.InvariantCulture,
            $"{duration.TotalMinutes:0.#} minutes of {Cameras} cameras of 60 KiB at 30 fps, {Viewers} viewers of one of them, and a recording of 128 MiB that eats its tail: {ends.Sum(end => end.Acked):#,##0} frames acknowledged, {ends.Sum(end => end.DroppedTotal):#,##0} dropped, {delivered:0.0} % of what the viewers were due delivered."));
        report.Header("", "after a tenth", "at the end", "highest");
        List<string> broken = [];
        Judge("memory of the process", "MB", resident, FreeBytes / 1e6, broken);
        Judge("garbage-collected heap", "MB", heap, FreeBytes / 1e6, broken);
        Judge("open files and sockets", "handles", Series(gauge => gauge.Handles), FreeHandles, broken);
        report.Row("gen-2 collections", $"{_samples[Tenth - 1].Gauge.Gen2}", $"{_samples[^1].Gauge.Gen2}", $"{_samples[^1].Gauge.Gen2}");
        report.Line();
        report.Line($"![{chart.Title}](benchmarks/soak.svg)");
        if (watched.Failure is { } why)
            broken.Add($"the viewers: {why}");
        if (broken.Count == 0)
            return;
        await report.SaveAsync();
        throw new IOException(string.Join(" ", broken));
    }

    private int Tenth => Math.Max(1, _samples.Count / 10);

    private List<(double X, double Y)> Series(Func<Gauge, double> value) => [.. _samples.Select(sample => (sample.Minutes, value(sample.Gauge)))];

    /// <summary>Grown by more than a tenth, and by more than is free: the median of the last tenth beside the highest of the first.</summary>
    private void Judge(string what, string unit, List<(double X, double Y)> series, double free, List<string> broken)
    {
        var before = series.Take(Tenth).Max(point => point.Y);
        var after = report.Add(new("soak", "Framewire", what, unit, [.. series.TakeLast(Tenth).Select(point => point.Y)])).Median;
        report.Row(string.Create(CultureInfo.InvariantCulture, $"{what}, {unit}"), Number(before), Number(after), Number(series.Max(point => point.Y)));
        if (after > before + Math.Max(free, before * MostGrowth))
            broken.Add($"{what} grew from {Number(before)} to {Number(after)} {unit}.");

        static string Number(double value) => value.ToString("#,##0", CultureInfo.InvariantCulture);
    }
}
