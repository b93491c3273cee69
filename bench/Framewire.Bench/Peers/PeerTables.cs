using System.Globalization;
using Framewire.Bench.Report;

namespace Framewire.Bench.Peers;

/// <summary>Prints the figures: one table a theme, a row for each contender, a column for each size. Stateless.</summary>
internal sealed class PeerTables(BenchReport report, PeerFigures figures, PeerWork[] works)
{
    private static readonly string[] Names = ["memory copy", .. Contender.All.Select(contender => contender.Name)];

    public void Print(double throughput, double latency, int rounds)
    {
        foreach (var figure in figures.All)
            report.Add(figure);
        report.Line(string.Create(
            CultureInfo.InvariantCulture,
            $"{throughput:0.0} s a throughput run, {rounds} round(s), the contenders in turn in each; the median (the lowest-the highest), and the median of the ratios to raw TCP in the same round. Window 32, for the two largest sizes 8; ZeroMQ's is 1 by nature, the seed's 2 with frames over 1 MB. Latencies: one run of {latency:0.0} s, so that p99.9 is close to the longest. Not measured: the latencies of the seed with frames over 1 MB, each of which takes it most of a second."));
        Table("Acked frames/s, ratio to raw TCP", "acked frames/s");
        Table("Acked MB/s, ratio to raw TCP", "acked MB/s");
        foreach (var how in (string[])["stop-and-wait", "30 fps"])
            Join($"Send to ack, {how}, p50 / p99 / p99.9, µs", "#,##0", $"{how} p50", $"{how} p99", $"{how} p99.9");
        Join("CPU seconds for 10,000 frames, client / server", "0.00", "client CPU", "server CPU");
        Join("Peak memory, client / server, MB", "0", "client peak memory", "server peak memory");
        Join("Bytes allocated a frame, client / server, and gen-2 collections at the server", "#,##0", "client allocated", "server allocated", "server gen-2 collections");
        Join("Frames that the viewer got", "#,##0", "viewed frames");
        report.Line();
    }

    private void Table(string title, string metric) => Rows(title, (work, name) =>
    {
        if (figures.Find(work, name, metric) is not { } figure)
            return null;
        var ceiling = figures.Find(work, Contender.RawTcp, metric);
        return BenchReport.Text(figure) + (ceiling is null ? "" : string.Create(CultureInfo.InvariantCulture, $", {figure.RatioTo(ceiling):0.000}"));
    });

    private void Join(string title, string format, params string[] metrics) => Rows(title, (work, name) =>
    {
        var found = metrics.Select(metric => figures.Find(work, name, metric)).ToList();
        return found.Contains(null) ? null : string.Join(" / ", found.Select(figure => figure!.Median.ToString(format, CultureInfo.InvariantCulture)));
    });

    private void Rows(string title, Func<PeerWork, string, string?> cell)
    {
        var rows = Names.Select(name => (Name: name, Cells: works.Select(work => cell(work, name)).ToList())).Where(row => row.Cells.Exists(text => text is not null)).ToList();
        if (rows.Count == 0)
            return;
        report.Header([title, .. works.Select(work => work.Name)]);
        foreach (var (name, cells) in rows)
            report.Row(cells.Select(text => text ?? "–").Prepend(name));
    }
}
