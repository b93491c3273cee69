using Framewire.Bench.Load;

namespace Framewire.Bench.Scale;

/// <summary>Looks for the most streams that a server holds: doubling, then bisection, until it knows within a twentieth. One search; one thread.</summary>
internal sealed class HighestThatHolds(Func<int, Task<LoadResult>> probe, Func<LoadResult, bool> holds)
{
    private const double CloseEnough = 1.05;
    private const int Most = 4000;

    /// <summary>Finds it.</summary>
    /// <param name="start">Where to begin.</param>
    /// <param name="stride">By what to multiply or divide until both sides are known.</param>
    /// <returns>The most streams, and what was found with them; 0 and null if not even one holds.</returns>
    public async Task<(int Streams, LoadResult? Result)> FindAsync(int start, double stride)
    {
        var (low, high) = (0, Most);
        LoadResult? best = null;
        for (var next = Math.Min(start, Most - 1); next > low && next < high; next = Next(low, high, stride))
        {
            var result = await probe(next);
            // A disturbance of the machine must not be taken for the limit: what fails once is tried again.
            if (!holds(result))
                result = await probe(next);
            if (holds(result))
                (low, best) = (next, result);
            else
                high = next;
        }

        return (low, best);
    }

    /// <summary>The next number to try; <paramref name="low"/> if it is found.</summary>
    private static int Next(int low, int high, double stride) => (low, high) switch
    {
        (0, _) => Math.Min(high - 1, (int)(high / stride)),
        (_, Most) => Math.Max(low + 1, (int)(low * stride)),
        _ when high <= low * CloseEnough => low,
        _ => Math.Max(low + 1, (int)Math.Sqrt((double)low * high)),
    };
}
