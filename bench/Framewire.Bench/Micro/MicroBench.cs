using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Framewire.Bench.Report;

namespace Framewire.Bench.Micro;

/// <summary>The steps of a frame's path, each alone (BenchmarkDotNet): what a profile names, without the machine around it.</summary>
internal sealed class MicroBench(BenchReport report, BenchSize size, string folder)
{
    private readonly AccumulationLogger _log = new();

    public void Run()
    {
        var job = (size.IsShort ? Job.Dry : Job.ShortRun).WithToolchain(InProcessEmitToolchain.Instance);
        var config = ManualConfig.CreateEmpty()
            .AddJob(job).AddLogger(_log).AddColumnProvider(DefaultColumnProviders.Instance).WithArtifactsPath(Path.Combine(folder, "micro"));
        report.Line("Each step alone, in a warm cache (BenchmarkDotNet, in one process); memory that it allocates is the managed heap's.");
        report.Header("step", "bytes", "mean", "error", "allocated");
        foreach (var summary in BenchmarkRunner.Run([typeof(FramePath), typeof(CallPath)], config))
        {
            foreach (var each in summary.Reports)
                Row(each);
        }

        report.Line();
    }

    private void Row(BenchmarkReport each)
    {
        var name = each.BenchmarkCase.Descriptor.WorkloadMethodDisplayInfo.Trim('\'');
        if (!each.Success || each.ResultStatistics is not { } time)
            throw new IOException($"'{name}' did not run: {_log.GetLog()}");
        var bytes = each.BenchmarkCase.Parameters.Items is [{ Value: int of }, ..] ? of : 0;
        var allocated = each.GcStats.GetBytesAllocatedPerOperation(each.BenchmarkCase) ?? 0;
        report.Add(new(bytes == 0 ? "any size" : $"{bytes} B", name, "mean", "µs", [time.Mean / 1000]));
        report.Add(new(bytes == 0 ? "any size" : $"{bytes} B", name, "allocated", "B", [allocated]));
        report.Row(name, bytes == 0 ? "" : bytes.ToString("#,##0", CultureInfo.InvariantCulture), Micros(time.Mean), Micros(time.StandardError), $"{allocated:#,##0} B");
    }

    private static string Micros(double nanoseconds) => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / 1000:#,##0.00} µs");
}
