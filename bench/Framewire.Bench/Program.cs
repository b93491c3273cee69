using Framewire.Bench;

// bench.sh says what the arguments are.
var isShort = args.Contains("--short");
var folder = args.SkipWhile(argument => argument != "--folder").Skip(1).FirstOrDefault() ?? Path.Combine(Path.GetTempPath(), "framewire-bench");
Directory.CreateDirectory(folder);
await new RecordingBench(folder, TimeSpan.FromSeconds(isShort ? 1 : 5), rounds: isShort ? 1 : 3).RunAsync();
