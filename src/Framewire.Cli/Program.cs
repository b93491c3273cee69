using System.CommandLine;
using Framewire.Cli;

var root = CommandTree.Build();
var parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    foreach (var error in parsed.Errors)
        Console.Error.WriteLine($"framewire: {error.Message}");
    Console.Error.WriteLine("Try 'framewire --help'.");
    return ExitCode.Usage;
}

// A second Ctrl-C, or one that the commands do not finish in time, ends the program at once.
return await parsed.InvokeAsync(new InvocationConfiguration
{
    EnableDefaultExceptionHandler = false,
    ProcessTerminationTimeout = TimeSpan.FromSeconds(15),
});
