using HdrHistogram;

namespace Framewire.Bench.Load;

/// <summary>Counts what came back of the frames that were due in a window of time, and how late. Owned by one run; any thread may enter.</summary>
internal sealed class LoadTally(LoadPlan plan)
{
    private const long MostMicros = 60_000_000;

    private readonly LongConcurrentHistogram _micros = new(1, MostMicros, 3);
    private readonly long _residentBefore = ProcessClock.ResidentBytes(plan.ServerProcess);
    private long _from = long.MaxValue;
    private long _until = long.MaxValue;
    private (double Server, double Load) _begin, _end;

    /// <summary>What came back in time.</summary>
    public long Acked => _micros.TotalCount;

    /// <summary>The window begins now.</summary>
    /// <param name="at">Now, by the clock of those who enter.</param>
    public void Begin(long at)
    {
        _begin = Cpu();
        Volatile.Write(ref _from, at);
    }

    /// <summary>The window ends now.</summary>
    public void End(long at)
    {
        _end = Cpu();
        Volatile.Write(ref _until, at);
    }

    /// <summary>Enters a frame's ack.</summary>
    /// <param name="due">When the frame was due.</param>
    /// <param name="took">How much later its ack came.</param>
    public void Enter(long due, TimeSpan took)
    {
        if (due >= Volatile.Read(ref _from) && due < Volatile.Read(ref _until))
            _micros.RecordValue(Math.Clamp((long)took.TotalMicroseconds, 1, MostMicros));
    }

    /// <summary>What has been found.</summary>
    public LoadResult Result(long offered, string? failure) => new()
    {
        Offered = offered,
        Acked = Acked,
        P50 = Percentile(50),
        P99 = Percentile(99),
        P999 = Percentile(99.9),
        Seconds = plan.Seconds,
        ServerCpu = _end.Server - _begin.Server,
        LoadCpu = _end.Load - _begin.Load,
        ServerGrowth = ProcessClock.ResidentBytes(plan.ServerProcess) - _residentBefore,
        Failure = failure,
    };

    private double Percentile(double percentile) => Acked == 0 ? 0 : _micros.GetValueAtPercentile(percentile);

    private (double Server, double Load) Cpu() => (ProcessClock.CpuSeconds(plan.ServerProcess), ProcessClock.CpuSeconds(Environment.ProcessId));
}
