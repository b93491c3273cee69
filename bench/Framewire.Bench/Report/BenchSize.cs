namespace Framewire.Bench.Report;

/// <summary>How long and how often a bench measures. Immutable.</summary>
/// <param name="Duration">Of one run.</param>
/// <param name="Rounds">Runs of each contender, interleaved.</param>
/// <param name="IsShort">Only whether it works: a benchmark that says nothing about speed.</param>
internal sealed record BenchSize(TimeSpan Duration, int Rounds, bool IsShort)
{
    public static BenchSize Full { get; } = new(TimeSpan.FromSeconds(5), 3, IsShort: false);

    public static BenchSize Short { get; } = new(TimeSpan.FromSeconds(1), 1, IsShort: true);
}
