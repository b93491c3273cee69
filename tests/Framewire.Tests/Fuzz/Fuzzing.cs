using System.Diagnostics;
using System.Globalization;

namespace Framewire.Tests.Fuzz;

/// <summary>
/// Feeds a parser with broken bytes for a share of a minute (<c>FRAMEWIRE_FUZZ_SECONDS</c>, for all parsers together). It may refuse them only as it says, may
/// take no more than so long and so much memory for any, and what it refuses is printed to be tried again. Stateless.
/// </summary>
internal static class Fuzzing
{
    private const int Parsers = 9;
    private const long MostBytes = 64 << 20;

    private static readonly TimeSpan MostTime = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Share = TimeSpan.FromSeconds(
        double.Parse(Environment.GetEnvironmentVariable("FRAMEWIRE_FUZZ_SECONDS") ?? "60", CultureInfo.InvariantCulture) / Parsers);

    /// <summary>Runs a parser on one broken input after the other.</summary>
    /// <param name="corpus">Good inputs.</param>
    /// <param name="parse">The parser; throws what is a mistake.</param>
    /// <param name="allowed">Whether it may refuse with this.</param>
    public static void Run(IReadOnlyList<byte[]> corpus, Action<byte[]> parse, Func<Exception, bool>? allowed = null)
    {
        // Good inputs pass; else the fuzzing would try nothing but the first check.
        foreach (var good in corpus)
            parse(good);
        var seed = Environment.TickCount;
        var (mutator, started, tried) = (new Mutator(seed, corpus), Stopwatch.GetTimestamp(), 0);
        for (; tried < 1000 || Stopwatch.GetElapsedTime(started) < Share; tried++)
            Try(mutator.Next(), parse, allowed, $"seed {seed}, input {tried}");
        TestContext.Current.TestOutputHelper?.WriteLine($"{tried} inputs, seed {seed}");
    }

    private static void Try(byte[] input, Action<byte[]> parse, Func<Exception, bool>? allowed, string which)
    {
        var (before, since) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.GetTimestamp());
        try
        {
            parse(input);
        }
#pragma warning disable CA1031 // Whatever is not allowed is the finding.
        catch (Exception e)
#pragma warning restore CA1031
        {
            if (allowed?.Invoke(e) != true)
                Assert.Fail($"{which}: {e}\n{Convert.ToBase64String(input)}");
        }

        var (took, bytes) = (Stopwatch.GetElapsedTime(since), GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(took < MostTime && bytes < MostBytes, $"{which}: {took.TotalSeconds:0.0} s, {bytes} bytes\n{Convert.ToBase64String(input)}");
    }
}
