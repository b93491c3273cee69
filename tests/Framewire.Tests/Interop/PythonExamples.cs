using System.Diagnostics;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Interop;

/// <summary>The examples in Python, copied to a folder of their own and made ready as their README says, once for a class of tests.</summary>
public sealed class PythonExamples : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);
    private readonly Folder _folder = new();

    /// <summary>Where they are.</summary>
    public string Path => _folder.Path;

    public async ValueTask InitializeAsync()
    {
        var examples = Repository.PathTo("examples", "python");
        foreach (var file in Directory.EnumerateFiles(examples, "*.py"))
            File.Copy(file, _folder[System.IO.Path.GetFileName(file)]);
        var line = (await File.ReadAllLinesAsync(System.IO.Path.Combine(examples, "README.md"))).Single(line => line.StartsWith("python3 -m grpc_tools", StringComparison.Ordinal));
        line = "/usr/bin/" + line.Replace("../../protos", Repository.PathTo("protos"), StringComparison.Ordinal);
        await ChildProcess.RunAsync("bash", ["-c", line], Limit, _folder.Path);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return default;
    }

    /// <summary>Starts one of them.</summary>
    internal ChildProcess Start(string script, params string[] arguments) => ChildProcess.Start("/usr/bin/python3", [script, .. arguments], _folder.Path);

    /// <summary>Kills a process outright, or asks it to end.</summary>
    internal static void Signal(ChildProcess child, string signal) => Process.Start("kill", [$"-{signal}", $"{child.Id}"])!.WaitForExit();
}
