using System.Globalization;
using Framewire.Bench;
using Framewire.Bench.Peers;
using Framewire.Bench.Report;

// The benches' own servers and processors, each in a process of its own.
if (args is ["noop-server"])
{
    await NoOp.ServeAsync();
    return 0;
}

if (args is ["noop-processor", var server])
{
    await NoOp.AttachAsync(new Uri(server));
    return 0;
}

// The ends of Framewire's rungs in the bench "peers".
if (args is [("framewire-server" or "wire-server" or "publish-client" or "wire-client" or "watch-client") and var end, .. var rest])
{
    await (end switch
    {
        "framewire-server" => FramewireServerEnd.ServeAsync(rest.FirstOrDefault()),
        "wire-server" => FramewireServerEnd.ServeWireAsync(),
        "publish-client" => FramewireClientEnd.From(rest).PublishAsync(),
        "wire-client" => FramewireClientEnd.From(rest).MessagesAsync(),
        _ => FramewireClientEnd.WatchAsync(int.Parse(rest[0], CultureInfo.InvariantCulture)),
    });
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
};
Directory.CreateDirectory(folder);
var only = args.Intersect(benches.Keys).ToList();
foreach (var (name, run) in benches.Where(bench => only.Count == 0 || only.Contains(bench.Key)))
{
    Console.WriteLine($"\n## {name}");
    var report = new BenchReport(name, results);
    try
    {
        await run(report);
    }
    catch (IOException e)
    {
        Console.Error.WriteLine($"{name}: {e.Message}");
        return 1;
    }

    await report.SaveAsync();
}

return 0;
