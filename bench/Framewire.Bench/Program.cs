using Framewire.Bench;
using Framewire.Bench.Report;

// The benches' own servers and processors, each in a process of its own.
if (args is ["noop-server"])
{
    await NoOp.ServeAsync();
    return;
}

if (args is ["noop-processor", var server])
{
    await NoOp.AttachAsync(new Uri(server));
    return;
}

// bench.sh says what the arguments are.
var size = args.Contains("--short") ? BenchSize.Short : BenchSize.Full;
string Option(string name, string otherwise) => args.SkipWhile(argument => argument != name).Skip(1).FirstOrDefault() ?? otherwise;
var folder = Option("--folder", Path.Combine(Path.GetTempPath(), "framewire-bench"));
var results = Option("--results", size.IsShort ? Path.Combine(folder, "results") : Path.Combine("docs", "benchmarks"));
var benches = new Dictionary<string, Func<BenchReport, Task>>
{
    ["recording"] = report => new RecordingBench(report, size, folder).RunAsync(),
    ["processing"] = report => new ProcessingBench(report, size).RunAsync(),
};
Directory.CreateDirectory(folder);
var only = args.Intersect(benches.Keys).ToList();
foreach (var (name, run) in benches.Where(bench => only.Count == 0 || only.Contains(bench.Key)))
{
    Console.WriteLine($"\n## {name}");
    var report = new BenchReport(name, results);
    await run(report);
    await report.SaveAsync();
}
