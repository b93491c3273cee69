using Framewire.Bench;

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
var isShort = args.Contains("--short");
var duration = TimeSpan.FromSeconds(isShort ? 1 : 5);
var rounds = isShort ? 1 : 3;
var folder = args.SkipWhile(argument => argument != "--folder").Skip(1).FirstOrDefault() ?? Path.Combine(Path.GetTempPath(), "framewire-bench");
var only = args.Intersect(["recording", "processing"]).ToList();
Directory.CreateDirectory(folder);
if (only.Count == 0 || only.Contains("recording"))
    await new RecordingBench(folder, duration, rounds).RunAsync();
if (only.Count == 0)
    Console.WriteLine();
if (only.Count == 0 || only.Contains("processing"))
    await new ProcessingBench(duration, rounds).RunAsync();
