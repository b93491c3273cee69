using System.Globalization;
using System.Text.Json;
using Framewire.Bench.Load;

namespace Framewire.Bench.Peers;

/// <summary>What one client's run found. Immutable. Latencies in microseconds, from just before the send to the ack.</summary>
internal sealed record PeerRun
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public required long Frames { get; init; }

    public required double Seconds { get; init; }

    public required double P50 { get; init; }

    public required double P99 { get; init; }

    public required double P999 { get; init; }

    /// <summary>Bytes allocated a frame at the client; null where nothing tells.</summary>
    public double? Allocated { get; init; }

    public double? ServerAllocated { get; init; }

    /// <summary>Collections of the oldest generation at the server.</summary>
    public double? ServerGen2 { get; init; }

    /// <summary>Frames that the viewer got.</summary>
    public double? Viewed { get; init; }

    /// <summary>Seconds of processor time for 10,000 frames.</summary>
    public double ClientCpu { get; init; }

    public double ServerCpu { get; init; }

    public double ClientPeak { get; init; }

    public double ServerPeak { get; init; }

    public double FramesPerSecond => Frames / Seconds;

    /// <summary>Runs a client to its end.</summary>
    /// <exception cref="IOException">An end failed, or an ack is missing.</exception>
    public static async Task<PeerRun> MeasureAsync(Contender contender, PeerProcess server, string port, int bytes, int window, double seconds, double fps)
    {
        await using var viewer = contender.HasViewer ? contender.StartViewer(port) : null;
        if (viewer is not null)
            await viewer.LineAsync("listening");
        await using var client = contender.StartClient(port, $"{bytes}", $"{window}", Text(seconds), Text(fps));
        await client.LineAsync("measuring");
        var (clientBefore, serverBefore) = (client.CpuSeconds, server.CpuSeconds);
        var told = contender.IsFramewire ? await GaugeAsync(server) : null;
        var run = JsonSerializer.Deserialize<PeerRun>(await client.LineAsync("a line of JSON"), Json)!;
        if (run is not { Frames: > 0, Seconds: > 0 })
            throw new IOException($"{contender.Name}: no frame was acknowledged in time.");
        run = run with
        {
            ClientCpu = (client.CpuSeconds - clientBefore) * 10_000 / run.Frames,
            ServerCpu = (server.CpuSeconds - serverBefore) * 10_000 / run.Frames,
            ClientPeak = client.PeakMegabytes,
            ServerPeak = server.PeakMegabytes,
        };
        if (told is not null && await GaugeAsync(server) is var now)
            run = run with { ServerAllocated = (double)(now.AllocatedBytes - told.AllocatedBytes) / run.Frames, ServerGen2 = now.Gen2 - told.Gen2 };

        if (viewer is null)
            return run;
        var viewed = long.Parse(await viewer.AskAsync(), CultureInfo.InvariantCulture);
        return viewed > 0 ? run with { Viewed = viewed } : throw new IOException($"{contender.Name}: the viewer got nothing.");
    }

    private static async Task<Gauge> GaugeAsync(PeerProcess server) => JsonSerializer.Deserialize<Gauge>(await server.AskAsync())!;

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);
}
