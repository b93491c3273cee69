using System.Diagnostics;
using Framewire.Bench.Report;

namespace Framewire.Bench.Peers;

/// <summary>
/// Framewire beside what one would take instead, and the ladder of what it stands on: frames to a server, each acknowledged, in one run on one
/// machine, the contenders in turn in every round. Every end is a process of its own.
/// </summary>
internal sealed class PeersBench(BenchReport report, BenchSize size, string folder)
{
    private static readonly PeerWork[] Works =
    [
        new("60 KiB JPEG", 60 << 10, 32),
        new("307,200 B grey", 640 * 480, 32),
        new("2.7 MB BGR", 1280 * 720 * 3, 8),
        new("6.2 MB BGR", 1920 * 1080 * 3, 8),
    ];

    private readonly PeerFigures _figures = new();

    private double Throughput => size.IsShort ? 0.3 : 3;

    private double Latency => size.IsShort ? 0.3 : 2;

    public async Task RunAsync()
    {
        // The short form has the smallest and the largest frames: those are what breaks.
        PeerWork[] works = size.IsShort ? [Works[0], Works[^1]] : Works;
        List<string> broken = [];
        foreach (var work in works)
        {
            for (var round = 0; round < size.Rounds; round++)
            {
                _figures.Add(work, "memory copy", "acked frames/s", "1/s", Copies(work.Bytes, Throughput / 3));
                foreach (var contender in Contender.All.Where(contender => !broken.Exists(why => why.StartsWith(contender.Name, StringComparison.Ordinal))))
                    await TryAsync(contender, work, round, broken);
            }
        }

        new PeerTables(report, _figures, works).Print(Throughput, Latency, size.Rounds);
        if (broken.Count > 0)
            throw new IOException(string.Join('\n', broken));
    }

    private async Task TryAsync(Contender contender, PeerWork work, int round, List<string> broken)
    {
        try
        {
            await MeasureAsync(contender, work, round);
        }
        catch (Exception e) when (e is IOException or System.Text.Json.JsonException or FormatException)
        {
            broken.Add(e.Message.StartsWith(contender.Name, StringComparison.Ordinal) ? e.Message : $"{contender.Name}: {e.Message}");
            await Console.Error.WriteLineAsync(broken[^1]);
        }
    }

    /// <summary>As fast as it goes in each round; stop-and-wait and paced in the first one, by the same server.</summary>
    private async Task MeasureAsync(Contender contender, PeerWork work, int round)
    {
        var recordings = Path.Combine(folder, Path.GetRandomFileName());
        try
        {
            await using var server = contender.StartServer(recordings);
            var port = (await server.LineAsync("listening PORT")).Split(' ')[^1];
            // All in flight must be acknowledged before a run can end.
            var window = IsTooSlow(contender, work) ? 2 : work.Window;
            var fast = await PeerRun.MeasureAsync(contender, server, port, work.Bytes, window, Throughput, fps: 0);
            _figures.AddThroughput(work, contender, fast);
            if (round > 0 || IsTooSlow(contender, work) || (size.IsShort && work.Bytes > 1 << 20))
                return;
            if (!size.IsShort)
                _figures.AddLatency(work, contender, "stop-and-wait", await PeerRun.MeasureAsync(contender, server, port, work.Bytes, window: 1, Latency, fps: 0));
            _figures.AddLatency(work, contender, "30 fps", await PeerRun.MeasureAsync(contender, server, port, work.Bytes, work.Window, Latency, fps: 30));
        }
        finally
        {
            if (Directory.Exists(recordings))
                Directory.Delete(recordings, recursive: true);
        }
    }

    private static bool IsTooSlow(Contender contender, PeerWork work) => contender.IsSlow && work.Bytes > 1 << 20;

    /// <summary>Copies of a frame a second, from one buffer to another.</summary>
    private static double Copies(int bytes, double seconds)
    {
        var (from, to) = (new byte[bytes], new byte[bytes]);
        Random.Shared.NextBytes(from);
        var (start, copies) = (Stopwatch.GetTimestamp(), 0L);
        for (; Stopwatch.GetElapsedTime(start).TotalSeconds < seconds; copies++)
            Buffer.BlockCopy(from, 0, to, 0, bytes);
        return copies / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}

/// <summary>Frames of one size, and how many of them may be unacknowledged. Immutable.</summary>
internal sealed record PeerWork(string Name, int Bytes, int Window);
