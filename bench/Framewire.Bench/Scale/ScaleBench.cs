using System.Globalization;
using Framewire.Bench.Load;
using Framewire.Bench.Report;

namespace Framewire.Bench.Scale;

/// <summary>
/// How many streams of 60 KiB at 30 fps a server holds, with the same load generator beside each on the same cores; how many viewers; and what a
/// thousand streams cost that do nothing.
/// </summary>
internal sealed class ScaleBench(BenchReport report, BenchSize size)
{
    private const int FrameBytes = 60 << 10;
    private const double FrameRate = 30;
    private const double MostAckMicros = 33_000;

    private readonly double _seconds = size.IsShort ? 1 : 2;

    public async Task RunAsync()
    {
        await using var load = LoadChild.Start();
        await StreamsAsync(load);
        await new ViewerCost(report, size, load).RunAsync();
        await new IdleStreams(report, size, load).RunAsync();
    }

    private async Task StreamsAsync(LoadChild load)
    {
        var contenders = Contender.All.Where(contender => contender.IsBuilt).ToList();
        var found = contenders.ToDictionary(contender => contender, _ => new List<(int Streams, LoadResult? Result)>());
        for (var round = 0; round < size.Rounds; round++)
        {
            foreach (var contender in contenders)
                found[contender].Add(await SearchAsync(contender, load, found[contender]));
        }

        report.Line(string.Create(
            CultureInfo.InvariantCulture,
            $"Streams of 60 KiB at 30 fps that a server holds, with at least 99.5 % of the frames acknowledged and the p99 of an ack under 33 ms, which counts from when the frame was due. The load generator (ours, the same for all) shares the {Environment.ProcessorCount} cores. Median (and spread) of {size.Rounds} searches."));
        report.Header("server", "streams held", "of raw TCP's", "ack p50 there", "ack p99 there", "server cores there", "streams a server core");
        Figure? ceiling = null;
        foreach (var contender in contenders)
            ceiling = Row(contender.Name, found[contender], ceiling);
        foreach (var missing in Contender.All.Where(contender => !contender.IsBuilt))
            report.Line($"{missing.Name} is left out: there is no {missing.Built}.");
        report.Line();
    }

    private async Task<(int Streams, LoadResult? Result)> SearchAsync(Contender contender, LoadChild load, List<(int Streams, LoadResult? Result)> before)
    {
        await using var server = await contender.StartAsync();
        LoadPlan Plan(int streams, double seconds) => new(contender.Kind, server.Address, server.Id, streams, FrameBytes, FrameRate, seconds);
        // Cold code must not decide: neither theirs nor ours.
        var first = await load.RunAsync(Plan(size.IsShort ? 4 : 8, 1));
        if (!size.IsShort)
            await load.RunAsync(Plan(contender.Guess, 3));
        if (size.IsShort)
            return first.Failure is null && first.Acked > 0 ? (4, first) : throw new IOException($"{contender.Name}: {first.Failure ?? "no frame was acknowledged"}");
        var search = new HighestThatHolds(streams => load.RunAsync(Plan(streams, _seconds)), result => result.IsComplete && result.P99 < MostAckMicros);
        return before is [.., ( > 0 and var last, _)] ? await search.FindAsync(last, 1.1) : await search.FindAsync(contender.Guess, 2);
    }

    /// <returns>The first row's streams: the ceiling.</returns>
    private Figure Row(string name, List<(int Streams, LoadResult? Result)> found, Figure? ceiling)
    {
        Figure Of(string metric, string unit, Func<int, LoadResult?, double> value) =>
            report.Add(new("60 KiB at 30 fps", name, metric, unit, [.. found.Select(each => value(each.Streams, each.Result))]));
        var streams = Of("streams held", "streams", (streams, _) => streams);
        var p50 = Of("ack p50", "ms", (_, result) => (result?.P50 ?? 0) / 1000);
        var p99 = Of("ack p99", "ms", (_, result) => (result?.P99 ?? 0) / 1000);
        var cores = Of("server cores", "cores", (_, result) => result?.ServerCores ?? 0);
        var aCore = Of("streams a server core", "streams", (streams, result) => result is null ? 0 : streams / result.ServerCores);
        var part = ceiling is null ? "1" : streams.RatioTo(ceiling).ToString("0.00", CultureInfo.InvariantCulture);
        report.Row(name, BenchReport.Text(streams), part, $"{BenchReport.Text(p50, "0.0")} ms", $"{BenchReport.Text(p99, "0.0")} ms", BenchReport.Text(cores, "0.00"), BenchReport.Text(aCore));
        return ceiling ?? streams;
    }
}
