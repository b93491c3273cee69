using Framewire.Bench.Report;

namespace Framewire.Bench.Peers;

/// <summary>Every number of the bench as it comes, by work, contender and metric. Owned by one bench; one thread.</summary>
internal sealed class PeerFigures
{
    private readonly Dictionary<(string Work, string Contender, string Metric), (string Unit, List<double> Runs)> _figures = [];

    public IEnumerable<Figure> All => _figures.Select(figure => new Figure(figure.Key.Work, figure.Key.Contender, figure.Key.Metric, figure.Value.Unit, figure.Value.Runs));

    public void Add(PeerWork work, string contender, string metric, string unit, double? value)
    {
        if (value is not { } number)
            return;
        var key = (work.Name, contender, metric);
        if (!_figures.TryGetValue(key, out var figure))
            _figures[key] = figure = (unit, []);
        figure.Runs.Add(number);
    }

    /// <summary>Null if it was not measured.</summary>
    public Figure? Find(PeerWork work, string contender, string metric) =>
        _figures.TryGetValue((work.Name, contender, metric), out var figure) ? new Figure(work.Name, contender, metric, figure.Unit, figure.Runs) : null;

    public void AddThroughput(PeerWork work, Contender contender, PeerRun run)
    {
        void Add(string metric, string unit, double? value) => this.Add(work, contender.Name, metric, unit, value);
        Add("acked frames/s", "1/s", run.FramesPerSecond);
        Add("acked MB/s", "MB/s", run.FramesPerSecond * work.Bytes / 1e6);
        Add("client CPU", "s", run.ClientCpu);
        Add("server CPU", "s", run.ServerCpu);
        Add("client peak memory", "MB", run.ClientPeak);
        Add("server peak memory", "MB", run.ServerPeak);
        Add("client allocated", "B", run.Allocated);
        Add("server allocated", "B", run.ServerAllocated);
        Add("server gen-2 collections", "", run.ServerGen2);
        Add("viewed frames", "", run.Viewed);
    }

    public void AddLatency(PeerWork work, Contender contender, string how, PeerRun run)
    {
        Add(work, contender.Name, $"{how} p50", "µs", run.P50);
        Add(work, contender.Name, $"{how} p99", "µs", run.P99);
        Add(work, contender.Name, $"{how} p99.9", "µs", run.P999);
    }
}
