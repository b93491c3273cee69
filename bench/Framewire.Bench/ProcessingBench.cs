using System.Diagnostics;
using System.Globalization;
using Framewire.Bench.Load;
using Framewire.Bench.Report;
using Framewire.Edge;
using Framewire.Protocol.Video;
using Framewire.Protocol.Wire;
using Microsoft.Extensions.Logging.Abstractions;

namespace Framewire.Bench;

/// <summary>
/// What a processor that does nothing adds, from capturing a frame to its ack at level processed, and the processor time it takes a frame: in
/// the server, attached in C#, attached in Python. And what becomes of a publisher's acks when its processor is killed again and again.
/// </summary>
internal sealed class ProcessingBench(BenchReport report, BenchSize size)
{
    private const double FrameRate = 30;

    private static readonly Work[] Works =
    [
        new("60 KiB JPEG", new StreamFormat(Codec.Jpeg, 1280, 720, FrameRate), 60 << 10),
        new("307,200 B grey", new StreamFormat(Codec.Gray, 640, 480, FrameRate), 640 * 480),
    ];

    private static readonly string Bench = Path.Combine(AppContext.BaseDirectory, "Framewire.Bench.dll");

    private sealed record Run(AckTimes Received, AckTimes Processed, double ServerCpu, double ProcessorCpu);

    public async Task RunAsync()
    {
        report.Line($"Processing at {FrameRate:0} fps, {size.Duration.TotalSeconds:0.#} s a run, median of {size.Rounds} interleaved; from capture to the ack, and processor time a frame beyond that without a processor:");
        report.Line("| work | no-op processor | received p50 | received p99 | processed p50 | processed p99 | server CPU | processor CPU |");
        report.Line("|---|---|---|---|---|---|---|---|");
        foreach (var work in Works)
            await CompareAsync(work);
        report.Line();
        await KillAsync();
    }

    private async Task CompareAsync(Work work)
    {
        string[] kinds = ["none", "C#, in the server", "C#, attached", "Python, attached"];
        var runs = kinds.ToDictionary(kind => kind, _ => new List<Run>());
        for (var round = 0; round < size.Rounds; round++)
        {
            foreach (var kind in kinds)
                runs[kind].Add(await MeasureAsync(work, kind));
        }

        var idle = Middle(runs["none"], run => run.ServerCpu);
        foreach (var kind in kinds)
        {
            double Of(string what, string unit, Func<Run, double> value) => report.Add(new(work.Name, kind, what, unit, [.. runs[kind].Select(value)])).Median;
            report.Line(string.Create(
                CultureInfo.InvariantCulture,
                $"| {work.Name} | {kind} | {Of("received p50", "ms", run => run.Received.P50):0.0} ms | {Of("received p99", "ms", run => run.Received.P99):0.0} ms | {Of("processed p50", "ms", run => run.Processed.P50):0.0} ms | {Of("processed p99", "ms", run => run.Processed.P99):0.0} ms | {Of("server CPU a frame", "µs", run => run.ServerCpu) - idle:+0;-0;0} µs | {Of("processor CPU a frame", "µs", run => run.ProcessorCpu):0} µs |"));
        }
    }

    private async Task<Run> MeasureAsync(Work work, string kind)
    {
        await using var server = kind == "C#, in the server" ? await ServerChild.OwnAsync(null, "noop-server") : await ServerChild.FramewireAsync();
        await using var processor = await ProcessorAsync(kind, server.Address);
        var (serverBefore, processorBefore) = (server.CpuTime, processor?.CpuTime ?? default);
        var end = await PublishAsync(work, server.Address, PublishAck.Processed, size.Duration);
        return new Run(
            end.AckMilliseconds,
            end.ProcessMilliseconds,
            (server.CpuTime - serverBefore).TotalMicroseconds / end.Acked,
            ((processor?.CpuTime ?? default) - processorBefore).TotalMicroseconds / end.Acked);
    }

    private static async Task<Child?> ProcessorAsync(string kind, Uri server) => kind switch
    {
        "C#, attached" => await Child.AttachedAsync("dotnet", Bench, "noop-processor", server.ToString()),
        "Python, attached" => await PythonAsync(server),
        _ => null,
    };

    private static Task<Child> PythonAsync(Uri server) => Child.AttachedAsync(
        "/usr/bin/python3", Path.Combine(Directory.GetCurrentDirectory(), "bench", "noop.py"), Path.Combine(Directory.GetCurrentDirectory(), "protos"), $"{server.Host}:{server.Port}");

    /// <summary>The same camera beside a processor that stays, and beside one that is killed and started anew each second.</summary>
    private async Task KillAsync()
    {
        List<double> quiet = [], killed = [], back = [];
        for (var round = 0; round < size.Rounds; round++)
        {
            await using var server = await ServerChild.FramewireAsync();
            await using (await PythonAsync(server.Address))
                quiet.Add((await PublishAsync(Works[0], server.Address, PublishAck.Received, size.Duration)).AckMilliseconds.P99);

            var publishing = PublishAsync(Works[0], server.Address, PublishAck.Received, size.Duration);
            while (!publishing.IsCompleted)
            {
                var since = Stopwatch.GetTimestamp();
                await using var processor = await PythonAsync(server.Address);
                back.Add(Stopwatch.GetElapsedTime(since).TotalSeconds);
                await Task.WhenAny(publishing, Task.Delay(TimeSpan.FromSeconds(1)));
            }

            killed.Add((await publishing).AckMilliseconds.P99);
        }

        report.Line(string.Create(
            CultureInfo.InvariantCulture,
            $"Ack p99 beside a processor in Python: {Middle(quiet, p99 => p99):0.0} ms; beside one that is killed (-9) and started again every second: {Middle(killed, p99 => p99):0.0} ms, ratio {Middle(killed, p99 => p99) / Middle(quiet, p99 => p99):0.00}. Attached again {Middle(back, s => s):0.00} s after its start (Python and its imports)."));
    }

    private static async Task<PublisherSnapshot> PublishAsync(Work work, Uri server, PublishAck ack, TimeSpan duration)
    {
        var options = new PublisherOptions { Server = server, Stream = "bench", Ack = ack, FlushTimeout = TimeSpan.FromSeconds(10) };
        await using var source = new MadeFrames(work.Format, work.Bytes, FrameRate);
        await using var publisher = new Publisher(options, source, new ClientConnectionOptions(), TimeProvider.System, NullLogger.Instance);
        using var enough = new CancellationTokenSource(duration);
        await publisher.RunAsync(enough.Token);
        var end = publisher.Snapshot();
        return end.Acked + end.DroppedTotal == end.Captured && end.Acked > 0 ? end : throw new IOException($"{end.Acked} of {end.Captured} frames were acknowledged.");
    }

    private static double Middle<T>(IReadOnlyCollection<T> runs, Func<T, double> value) => runs.Select(value).Order().ElementAt(runs.Count / 2);
}
