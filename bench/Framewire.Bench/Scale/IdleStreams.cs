using System.Globalization;
using Framewire.Bench.Load;
using Framewire.Bench.Report;

namespace Framewire.Bench.Scale;

/// <summary>What publishers cost the server that are connected and say only that they are there.</summary>
internal sealed class IdleStreams(BenchReport report, BenchSize size, LoadChild load)
{
    private const int FrameBytes = 60 << 10;

    private readonly int _streams = size.IsShort ? 50 : 1000;

    public async Task RunAsync()
    {
        List<LoadResult> found = [];
        for (var round = 0; round < size.Rounds; round++)
        {
            await using var server = await ServerChild.FramewireAsync(new() { ["Server__Streams__MaxStreams"] = "1100" });
            var plan = new LoadPlan(LoadKind.Idle, server.Address, server.Id, _streams, FrameBytes, 1, size.IsShort ? 0.5 : 2) { WarmUpSeconds = size.IsShort ? 0.5 : 1.5 };
            found.Add(await load.RunOrFailAsync(plan));
        }

        var growth = report.Add(new($"{_streams} idle streams", "Framewire", "memory of the server", "MB", [.. found.Select(each => each.ServerGrowth / 1e6)]));
        var cores = report.Add(new($"{_streams} idle streams", "Framewire", "server cores", "cores", [.. found.Select(each => each.ServerCores)]));
        report.Line(string.Create(
            CultureInfo.InvariantCulture,
            $"{_streams:#,##0} connected publishers that have sent one frame of 60 KiB each, which the server keeps ({_streams * FrameBytes / 1e6:0} MB of them), and since then a heartbeat a second: the server's memory grew by {BenchReport.Text(growth)} MB, and it kept {BenchReport.Text(cores, "0.00")} cores busy."));
    }
}
