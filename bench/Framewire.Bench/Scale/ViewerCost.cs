using System.Globalization;
using Framewire.Bench.Load;
using Framewire.Bench.Report;
using Framewire.Edge;
using Framewire.Protocol.Video;

namespace Framewire.Bench.Scale;

/// <summary>
/// How many viewers of one stream of 4 Mbit/s a server core feeds, and what one more viewer costs beside one more publisher of such a stream.
/// </summary>
internal sealed class ViewerCost(BenchReport report, BenchSize size, LoadChild load)
{
    private const double FrameRate = 30;
    private const int FrameBytes = 4_000_000 / 8 / 30;
    private const int FirstGuess = 512;
    private const int KeyframeEvery = 60;
    private const double MostDeliveryMicros = 100_000;

    private readonly int _compared = size.IsShort ? 4 : 100;
    private readonly double _seconds = size.IsShort ? 1 : 2;

    private sealed record Found(int Viewers, LoadResult Held, double DeliveredMicros, double PublishedMicros);

    public async Task RunAsync()
    {
        List<Found> found = [];
        for (var round = 0; round < size.Rounds; round++)
            found.Add(await RoundAsync(found));

        Figure Of(string metric, string unit, Func<Found, double> value) => report.Add(new("4 Mbit/s at 30 fps", "Framewire", metric, unit, [.. found.Select(value)]));
        var viewers = Of("viewers held", "viewers", each => each.Viewers);
        var aCore = Of("viewers a server core", "viewers", each => each.Viewers / each.Held.ServerCores);
        var p99 = Of("capture to delivery p99", "ms", each => each.Held.P99 / 1000);
        var delivered = Of("server CPU a frame delivered", "µs", each => each.DeliveredMicros);
        var published = Of("server CPU a frame published", "µs", each => each.PublishedMicros);
        report.Line($"One stream of 4 Mbit/s at 30 fps, a keyframe each two seconds, and its viewers beside it on the same cores; at least 99.5 % of the frames delivered, with a p99 from capture to delivery under 100 ms (the publisher's own share is in what delivery costs):");
        report.Header("viewers held", "viewers a server core", "capture to delivery p99 there", $"server CPU a frame delivered, {_compared} viewers", $"server CPU a frame published, {_compared} streams", "one viewer / one publisher");
        report.Row(
            BenchReport.Text(viewers), BenchReport.Text(aCore), $"{BenchReport.Text(p99, "0.0")} ms", $"{BenchReport.Text(delivered, "0.0")} µs", $"{BenchReport.Text(published, "0.0")} µs", delivered.RatioTo(published).ToString("0.00", CultureInfo.InvariantCulture));
        report.Line();
    }

    private async Task<Found> RoundAsync(List<Found> before)
    {
        await using var server = await ServerChild.FramewireAsync(ServerSettings.Crowd);
        LoadPlan Plan(LoadKind kind, int streams) => new(kind, server.Address, server.Id, streams, FrameBytes, FrameRate, _seconds) { Stream = "watched" };
        // Cold code costs many times as much, and so does a history that is not full yet.
        if (!size.IsShort)
            await load.RunOrFailAsync(Plan(LoadKind.Publish, _compared) with { Seconds = 5 });
        var published = await load.RunOrFailAsync(Plan(LoadKind.Publish, _compared));

        var source = new MadeFrames(new StreamFormat(Codec.H264, 1280, 720, FrameRate), FrameBytes, FrameRate, KeyframeEvery);
        await using var publisher = await RunningPublisher.StartAsync(new PublisherOptions { Server = server.Address, Stream = "watched" }, source);
        if (!size.IsShort)
            await load.RunOrFailAsync(Plan(LoadKind.Watch, _compared));
        var delivered = await load.RunOrFailAsync(Plan(LoadKind.Watch, _compared));
        var (viewers, held) = size.IsShort
            ? (_compared, delivered)
            : await new HighestThatHolds(count => load.RunAsync(Plan(LoadKind.Watch, count)), result => result.IsComplete && result.P99 < MostDeliveryMicros)
                .FindAsync(before is [.., var last] ? last.Viewers : FirstGuess, before.Count > 0 ? 1.1 : 2);
        return held is null || held.Acked == 0
            ? throw new IOException("no viewer was served.")
            : new Found(viewers, held, delivered.ServerMicros, published.ServerMicros);
    }
}
