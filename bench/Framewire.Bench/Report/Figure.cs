namespace Framewire.Bench.Report;

/// <summary>What one contender did at one piece of work, in every run. Immutable.</summary>
/// <param name="Work">"60 KiB JPEG, window 32", for one.</param>
/// <param name="Contender">"raw TCP", "Framewire".</param>
/// <param name="Metric">"acked frames/s", "ack p99".</param>
/// <param name="Unit">"1/s", "µs", "MB".</param>
/// <param name="Runs">One number for each round, in the order of the rounds: the runs of one round stand side by side in time.</param>
internal sealed record Figure(string Work, string Contender, string Metric, string Unit, IReadOnlyList<double> Runs)
{
    public double Median => Middle(Runs);

    public double Min => Runs.Min();

    public double Max => Runs.Max();

    /// <summary>The median of the ratios within each round, which the noise of the machine disturbs less than the ratio of the medians.</summary>
    public double RatioTo(Figure other) => Middle([.. Runs.Zip(other.Runs, (mine, theirs) => mine / theirs)]);

    private static double Middle(IReadOnlyList<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }
}
