using System.Globalization;
using Framewire.Bench;
using Framewire.Bench.Far;
using Framewire.Bench.Grow;
using Framewire.Bench.Live;
using Framewire.Bench.Load;
using Framewire.Bench.Micro;
using Framewire.Bench.Peers;
using Framewire.Bench.Report;
using Framewire.Bench.Scale;
using Framewire.Edge;
using Framewire.Edge.Sources;
using Framewire.Protocol.Wire;

// The benches' own servers, processors, relays and load generators, each in a process of its own.
Task? own = args switch
{
    ["noop-server"] => NoOp.ServeAsync(),
    ["noop-processor", var server] => NoOp.AttachAsync(new Uri(server)),
    ["server", .. var rest] => BenchServer.ServeAsync(rest.FirstOrDefault()),
    ["wire-server"] => BenchServer.ServeMessagesAsync(),
    ["tcp-server"] => RawTcp.ServeAsync(),
    ["load"] => LoadGenerator.RunAsync(),
    ["relay", var port, var roundTrip] => DelayRelay.ServeAsync(int.Parse(port, CultureInfo.InvariantCulture), TimeSpan.FromMilliseconds(int.Parse(roundTrip, CultureInfo.InvariantCulture))),
    // The clients of Framewire's rungs in the bench "peers".
    ["publish-client", .. var rest] => FramewireClientEnd.From(rest).PublishAsync(),
    ["sockets-client", .. var rest] => FramewireClientEnd.From(rest, ClientTransport.SocketsHttpHandler).PublishAsync(),
    ["wire-client", .. var rest] => FramewireClientEnd.From(rest).MessagesAsync(),
    ["watch-client", var port] => FramewireClientEnd.WatchAsync(int.Parse(port, CultureInfo.InvariantCulture)),
    _ => null,
};
if (own is not null)
{
    await own;
    return 0;
}

// bench.sh says what the arguments are.
var size = args.Contains("--short") ? BenchSize.Short : BenchSize.Full;
string Option(string name, string otherwise) => args.SkipWhile(argument => argument != name).Skip(1).FirstOrDefault() ?? otherwise;
var folder = Option("--folder", Path.Combine(Path.GetTempPath(), "framewire-bench"));
var results = Option("--results", size.IsShort ? Path.Combine(folder, "results") : Path.Combine("docs", "benchmarks"));
var benches = new Dictionary<string, Func<BenchReport, Task>>
{
    ["recording"] = report => new RecordingBench(report, size, folder).RunAsync(),
    ["peers"] = report => new PeersBench(report, size, folder).RunAsync(),
    ["processing"] = report => new ProcessingBench(report, size).RunAsync(),
    ["scale"] = report => new ScaleBench(report, size).RunAsync(),
    ["far"] = report => new FarBench(report, size).RunAsync(),
    ["live"] = report => new LiveBench(report, size).RunAsync(),
    ["micro"] = report =>
    {
        new MicroBench(report, size, folder).Run();
        return Task.CompletedTask;
    },
    ["grow"] = report => new GrowBench(report, size).RunAsync(),
};
// Takes an hour: only when named.
if (args.Contains("soak"))
    benches["soak"] = report => new SoakBench(report, TimeSpan.FromMinutes(double.Parse(Option("--minutes", "60"), CultureInfo.InvariantCulture)), folder).RunAsync();
Directory.CreateDirectory(folder);
var only = args.Intersect(benches.Keys).ToList();
try
{
    if (args.Where((argument, at) => argument[0] != '-' && !(at > 0 && args[at - 1] is "--folder" or "--results" or "--minutes")).Except(only).FirstOrDefault() is { } unknown)
        throw new IOException($"There is no bench '{unknown}', only {string.Join(", ", benches.Keys)} and soak.");
    foreach (var (name, run) in benches.Where(bench => only.Count == 0 || only.Contains(bench.Key)))
    {
        Console.WriteLine($"\n## {name}");
        var report = new BenchReport(name, results);
        await run(report);
        await report.SaveAsync();
    }

    return 0;
}
catch (Exception e) when (e is IOException or TimeoutException or GrpcException or SourceException or LinkException or ServerNotFoundException)
{
    await Console.Error.WriteLineAsync($"bench: {e.Message}");
    return 1;
}
