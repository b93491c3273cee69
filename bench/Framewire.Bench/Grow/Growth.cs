using System.Globalization;
using Framewire.Bench.Load;
using Framewire.Bench.Report;

namespace Framewire.Bench.Grow;

/// <summary>What a load cost at each of several numbers of the same thing, in every round. Owned by one bench.</summary>
internal sealed class Growth(string name, IEnumerable<double> numbers)
{
    private readonly List<(double Number, List<LoadResult> Runs)> _runs = [.. numbers.Select(number => (number, new List<LoadResult>()))];

    public void Add(double number, LoadResult result)
    {
        if (result.Acked == 0)
            throw new IOException($"{number:0} {name}: no frame came through.");
        _runs.Single(each => each.Number == number).Runs.Add(result);
    }

    /// <summary>A table, a chart, and how far from a straight line it is.</summary>
    /// <param name="report">Where to.</param>
    /// <param name="title">What was measured.</param>
    /// <param name="x">What grows.</param>
    /// <param name="late">What the p99 is of.</param>
    /// <param name="isPerFrame">Whether the line is that of the cost of a frame, or else of the cores in use.</param>
    public async Task ReportAsync(BenchReport report, string title, string x, string late, bool isPerFrame)
    {
        report.Line($"{title}:");
        report.Header(x, "frames a second", "server cores", "server CPU a frame", $"{late}");
        List<(double X, double Y)> costs = [], p99s = [];
        foreach (var (number, runs) in _runs)
        {
            Figure Of(string metric, string unit, Func<LoadResult, double> value) => report.Add(new($"{number:0} {name}", "Framewire", metric, unit, [.. runs.Select(value)]));
            var rate = Of("frames", "1/s", run => run.Acked / run.Seconds);
            var core = Of("server cores", "cores", run => run.ServerCores);
            var micros = Of("server CPU a frame", "µs", run => run.ServerMicros);
            var p99 = Of(late, "ms", run => run.P99 / 1000);
            report.Row(number.ToString("#,##0", CultureInfo.InvariantCulture), BenchReport.Text(rate), BenchReport.Text(core, "0.000"), $"{BenchReport.Text(micros, "0.0")} µs", $"{BenchReport.Text(p99, "0.0")} ms");
            costs.Add((number, isPerFrame ? micros.Median : core.Median));
            p99s.Add((number, p99.Median));
        }

        // With few of them it is the waking of threads that costs, not the frames.
        var (from, what) = isPerFrame ? (0, "server CPU a frame, µs") : (costs[^1].X / 10, "server cores");
        var fitted = costs.Where(point => point.X >= from).ToList();
        var line = StraightLine.Through(fitted);
        (double X, double Y)[] drawn = [(from, line.At(from)), (costs[^1].X, line.At(costs[^1].X))];
        var chart = new Chart($"What the server needs, by {x}", x, what, new Series(what, costs), new Series("straight line", drawn, IsLine: true), new Series(late, p99s, OnRight: true))
        {
            Right = $"{late}, ms",
        };
        await ConcludeAsync(report, name, chart, line, fitted, x);
    }

    /// <summary>Draws the chart, and says how far from the line the points are.</summary>
    public static async Task ConcludeAsync(BenchReport report, string name, Chart chart, StraightLine line, IReadOnlyList<(double X, double Y)> points, string x)
    {
        await chart.DrawAsync(Path.Combine(report.Folder, $"grow-{name}.svg"));
        var (at, part) = line.Furthest(points);
        report.Add(new($"grow, {name}", "Framewire", "largest deviation from a straight line", "%", [Math.Abs(part) * 100]));
        report.Line();
        report.Line(string.Create(CultureInfo.InvariantCulture, $"![{chart.Title}](benchmarks/grow-{name}.svg)"));
        report.Line();
        report.Line(string.Create(CultureInfo.InvariantCulture, $"Furthest from the straight line, from {points[0].X:#,##0} {x} on: {Math.Round(part * 100):+0;-0;0} %, at {at:#,##0} {x}."));
        report.Line();
    }
}
