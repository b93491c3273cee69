using System.Diagnostics;
using System.Globalization;
using Framewire.Bench.Load;
using Framewire.Bench.Report;
using Framewire.Edge;
using Framewire.Protocol.Video;
using Framewire.Protocol.Wire;
using Microsoft.Extensions.Logging.Abstractions;

namespace Framewire.Bench;

/// <summary>One kind of work: what frames look like.</summary>
internal sealed record Work(string Name, StreamFormat Format, int Bytes);

/// <summary>
/// Frames onto the server's disk, each acknowledged after an fsync, beside <c>dd</c> that writes and syncs 4 MiB at a time on the same
/// disk; and how long a paced camera waits for that ack. Runs are interleaved; medians are printed with their spread.
/// </summary>
internal sealed class RecordingBench(BenchReport report, BenchSize size, string folder)
{
    private static readonly Work[] Works =
    [
        new("60 KiB JPEG", new StreamFormat(Codec.Jpeg, 1280, 720, 30), 60 << 10),
        new("307,200 B grey", new StreamFormat(Codec.Gray, 640, 480, 30), 640 * 480),
        new("2.7 MB BGR", new StreamFormat(Codec.Bgr, 1280, 720, 30), 1280 * 720 * 3),
    ];

    public async Task RunAsync()
    {
        report.Line($"Recording, {size.Duration.TotalSeconds:0.#} s a run, {size.Rounds} rounds interleaved:");
        report.Line("| work | persisted frames/s | MB/s | dd, 4 MiB a sync, MB/s | ratio | with a spool, MB/s |");
        report.Line("|---|---|---|---|---|---|");
        foreach (var work in Works)
            await CompareAsync(work);
        report.Line();
        report.Line("At 30 fps, from sending a frame to the ack that it is on the server's disk (fsync every 200 ms):");
        report.Line("| work | received p50 | received p99 | persisted p50 | persisted p99 | max |");
        report.Line("|---|---|---|---|---|---|");
        foreach (var work in Works)
            await PaceAsync(work);
    }

    private async Task CompareAsync(Work work)
    {
        List<double> frames = [], ours = [], theirs = [], ratios = [], spooled = [];
        for (var round = 0; round < size.Rounds; round++)
        {
            var dd = await DdAsync();
            var run = await PublishAsync(work, framesPerSecond: 0, spool: false);
            var withSpool = await PublishAsync(work, framesPerSecond: 0, spool: true);
            frames.Add(run.Acked / run.Elapsed.TotalSeconds);
            ours.Add(run.Bytes / run.Elapsed.TotalSeconds / 1e6);
            spooled.Add(withSpool.Bytes / withSpool.Elapsed.TotalSeconds / 1e6);
            theirs.Add(dd / 1e6);
            ratios.Add(ours[^1] / theirs[^1]);
        }

        string Cell(string name, string what, string unit, List<double> runs, string format = "0") => BenchReport.Text(report.Add(new(work.Name, name, what, unit, runs)), format);
        var framewire = $"{Cell("recorded", "persisted frames", "frames/s", frames)} | {Cell("recorded", "persisted", "MB/s", ours)}";
        report.Line($"| {work.Name} | {framewire} | {Cell("dd", "written", "MB/s", theirs)} | {Cell("recorded", "of dd", "", ratios, "0.00")} | {Cell("recorded, with a spool", "persisted", "MB/s", spooled)} |");
    }

    private async Task PaceAsync(Work work)
    {
        var run = await PublishAsync(work, framesPerSecond: 30, spool: false);
        var (received, persisted) = (run.AckMilliseconds, run.PersistMilliseconds);
        foreach (var (what, times) in new[] { ("received", received), ("persisted", persisted) })
        {
            report.Add(new(work.Name, "30 fps", $"{what} p50", "ms", [times.P50]));
            report.Add(new(work.Name, "30 fps", $"{what} p99", "ms", [times.P99]));
        }

        report.Line(string.Create(
            CultureInfo.InvariantCulture,
            $"| {work.Name} | {received.P50:0.0} ms | {received.P99:0.0} ms | {persisted.P50:0} ms | {persisted.P99:0} ms | {persisted.Max:0} ms |"));
    }

    private async Task<PublisherSnapshot> PublishAsync(Work work, double framesPerSecond, bool spool)
    {
        var place = Directory.CreateDirectory(Path.Combine(folder, Path.GetRandomFileName())).FullName;
        try
        {
            await using var server = await ServerChild.FramewireAsync(null, "--record", "--data", Path.Combine(place, "recordings"));
            var options = new PublisherOptions
            {
                Server = server.Address,
                Stream = "bench",
                Mode = PublishMode.Lossless,
                Ack = PublishAck.Persisted,
                Spool = new SpoolOptions { Directory = spool ? Path.Combine(place, "spool") : "", MaxBytes = 4L << 30 },
                FlushTimeout = TimeSpan.FromSeconds(30),
            };
            await using var source = new MadeFrames(work.Format, work.Bytes, framesPerSecond);
            await using var publisher = new Publisher(options, source, new ClientConnectionOptions(), TimeProvider.System, NullLogger.Instance);
            using var enough = new CancellationTokenSource(size.Duration);
            await publisher.RunAsync(enough.Token);
            var end = publisher.Snapshot();
            return end.Acked == end.Captured && end.Acked > 0 ? end : throw new IOException($"{end.Acked} of {end.Captured} frames were acknowledged.");
        }
        finally
        {
            Directory.Delete(place, recursive: true);
        }
    }

    /// <summary>Bytes a second.</summary>
    private async Task<double> DdAsync()
    {
        var file = Path.Combine(folder, Path.GetRandomFileName());
        var blocks = Math.Max(8, (int)(size.Duration.TotalSeconds * 40));
        var watch = Stopwatch.StartNew();
        using var dd = Process.Start(new ProcessStartInfo("dd", ["if=/dev/zero", $"of={file}", "bs=4M", $"count={blocks}", "oflag=dsync", "status=none"]))!;
        await dd.WaitForExitAsync();
        File.Delete(file);
        return dd.ExitCode == 0 ? blocks * (4 << 20) / watch.Elapsed.TotalSeconds : throw new IOException("dd failed.");
    }
}
