using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Framewire.Bench.Load;
using Framewire.Bench.Report;
using Framewire.Bench.Scale;
using Framewire.Edge;
using Framewire.Protocol.Video;

namespace Framewire.Bench.Far;

/// <summary>A server that is a long way off: a live camera, and frames in bulk, through a relay that delays every byte.</summary>
internal sealed class FarBench(BenchReport report, BenchSize size)
{
    private const int FrameBytes = 640 * 480;
    private const double FrameRate = 30;
    private const int Window = 32;

    private static readonly StreamFormat Format = new(Codec.Gray, 640, 480, FrameRate);
    private readonly int[] _roundTrips = size.IsShort ? [50] : [50, 150];
    private readonly TimeSpan _duration = TimeSpan.FromSeconds(size.IsShort ? 1 : 2);
    private readonly TimeSpan _warmUp = TimeSpan.FromSeconds(size.IsShort ? 0.5 : 0.8);

    /// <summary>A camera once it is connected: what it captures before that grows too old, whatever the distance.</summary>
    private sealed record Steady(long Captured, long Dropped, AckTimes Acks);

    public async Task RunAsync()
    {
        List<(int RoundTrip, List<Steady> Live)> lives = [];
        List<(int RoundTrip, List<(string Name, List<double> Rates)> Bulk)> bulks = [];
        foreach (var roundTrip in _roundTrips)
        {
            List<Steady> live = [];
            List<(string Name, List<double> Rates)> bulk = [("raw TCP", []), ("Framewire", [])];
            if (Contender.CppSync.IsBuilt)
                bulk.Add((Contender.CppSync.Name, []));
            for (var round = 0; round < size.Rounds; round++)
            {
                live.Add(await LiveAsync(roundTrip));
                foreach (var (name, rates) in bulk)
                    rates.Add(await BulkAsync(name, roundTrip));
            }

            lives.Add((roundTrip, live));
            bulks.Add((roundTrip, bulk));
        }

        ReportLive(lives);
        ReportBulk(bulks);
    }

    private void ReportLive(List<(int RoundTrip, List<Steady> Live)> lives)
    {
        report.Line("Behind a relay that delays every byte. A live camera of 307,200 B at 30 fps, once it is connected:");
        report.Header("round trip", "frames dropped", "of", "ack p50", "ack p99");
        foreach (var (roundTrip, live) in lives)
        {
            Figure Of(string metric, string unit, Func<Steady, double> value) =>
                report.Add(new($"307,200 B at 30 fps, {roundTrip} ms away", "Framewire", metric, unit, [.. live.Select(value)]));
            var dropped = Of("frames dropped", "frames", run => run.Dropped);
            var captured = Of("frames captured", "frames", run => run.Captured);
            var p50 = Of("ack p50", "ms", run => run.Acks.P50);
            var p99 = Of("ack p99", "ms", run => run.Acks.P99);
            report.Row($"{roundTrip} ms", BenchReport.Text(dropped), BenchReport.Text(captured), $"{BenchReport.Text(p50, "0.0")} ms", $"{BenchReport.Text(p99, "0.0")} ms");
        }

        report.Line();
    }

    private void ReportBulk(List<(int RoundTrip, List<(string Name, List<double> Rates)> Bulk)> bulks)
    {
        report.Line($"307,200 B as fast as it goes, none lost, {Window} frames on the way, which allow {string.Join(" and ", _roundTrips.Select(Allowed))}:");
        report.Header("round trip", "", "MB/s", "of raw TCP's");
        foreach (var (roundTrip, bulk) in bulks)
        {
            var figures = bulk.Select(each => report.Add(new($"307,200 B, window {Window}, {roundTrip} ms away", each.Name, "rate", "MB/s", each.Rates))).ToList();
            foreach (var figure in figures)
                report.Row($"{roundTrip} ms", figure.Contender, BenchReport.Text(figure, "0.0"), figure.RatioTo(figures[0]).ToString("0.00", CultureInfo.InvariantCulture));
        }

        static string Allowed(int roundTrip) =>
            string.Create(CultureInfo.InvariantCulture, $"{Window * FrameBytes / 1e3 / roundTrip:0} MB/s at {roundTrip} ms");
    }

    private static Task<ServerChild> RelayAsync(ServerChild server, int roundTrip) =>
        ServerChild.OwnAsync(null, "relay", server.Port.ToString(CultureInfo.InvariantCulture), roundTrip.ToString(CultureInfo.InvariantCulture));

    private async Task<Steady> LiveAsync(int roundTrip)
    {
        await using var server = await ServerChild.FramewireAsync();
        await using var relay = await RelayAsync(server, roundTrip);
        await using var publisher = await RunningPublisher.StartAsync(
            new PublisherOptions { Server = relay.Address, Stream = "far" }, new MadeFrames(Format, FrameBytes, FrameRate));
        await Task.Delay(_warmUp);
        var before = publisher.Snapshot();
        await Task.Delay(_duration);
        var after = publisher.Snapshot();
        return new Steady(after.Captured - before.Captured, after.DroppedTotal - before.DroppedTotal, after.AckMilliseconds);
    }

    private async Task<double> BulkAsync(string name, int roundTrip)
    {
        var contender = name == "raw TCP" ? Contender.RawTcp : name == Contender.CppSync.Name ? Contender.CppSync : Contender.Framewire;
        await using var server = await contender.StartAsync();
        await using var relay = await RelayAsync(server, roundTrip);
        if (contender == Contender.RawTcp)
            return await TcpBulk.RateAsync(relay.Port, FrameBytes, Window, _warmUp, _duration);
        if (contender == Contender.CppSync)
            return await CppAsync(relay.Port);
        var options = new PublisherOptions { Server = relay.Address, Stream = "far", Mode = PublishMode.Lossless, WindowFrames = Window };
        await using var publisher = await RunningPublisher.StartAsync(options, new MadeFrames(Format, FrameBytes, 0));
        await Task.Delay(_warmUp);
        return await publisher.RateAsync(_duration);
    }

    /// <summary>gRPC as it comes, with its own windows.</summary>
    private async Task<double> CppAsync(int port)
    {
        var seconds = (_warmUp + _duration).TotalSeconds;
        string[] arguments = [.. new object[] { port, FrameBytes, Window, seconds, 0 }.Select(number => Convert.ToString(number, CultureInfo.InvariantCulture)!)];
        var what = new ProcessStartInfo(Contender.CppSync.Command[0], ["sync", "client", .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        using var client = Process.Start(what)!;
        var said = "";
        while (await client.StandardOutput.ReadLineAsync() is { } line && !said.StartsWith('{'))
        {
            said = line;
            if (said.StartsWith('{'))
                client.StandardInput.Close();
        }

        await client.WaitForExitAsync();
        if (client.ExitCode != 0 || !said.StartsWith('{'))
            throw new IOException($"the C++ client failed with {client.ExitCode}: {said}");
        using var found = JsonDocument.Parse(said);
        return found.RootElement.GetProperty("frames").GetDouble() * FrameBytes / found.RootElement.GetProperty("seconds").GetDouble() / 1e6;
    }
}
