using System.Diagnostics;
using System.Text;

namespace Framewire.Tests.Testing;

/// <summary>The framewire program as a child process, killed at the end whatever happens. Owned by one test.</summary>
internal sealed class FramewireProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Process _process;
    private readonly StringBuilder _errors = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task<string> _output;

    private FramewireProcess(Process process)
    {
        _process = process;
        process.ErrorDataReceived += (_, line) => Heard(line.Data);
        process.BeginErrorReadLine();
        _output = process.StandardOutput.ReadToEndAsync();
    }

    public int Id => _process.Id;

    /// <summary>What it has written to standard error.</summary>
    public string Errors
    {
        get
        {
            lock (_errors)
                return _errors.ToString();
        }
    }

    public static FramewireProcess Start(params string[] arguments) => Start(new Dictionary<string, string>(), arguments);

    public static FramewireProcess Start(IReadOnlyDictionary<string, string> environment, params string[] arguments) => Start(Path.GetTempPath(), environment, arguments);

    /// <summary>Starts it in a folder, whose appsettings.json it reads.</summary>
    public static FramewireProcess StartIn(string folder, params string[] arguments) => Start(folder, new Dictionary<string, string>(), arguments);

    private static FramewireProcess Start(string folder, IReadOnlyDictionary<string, string> environment, string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "framewire.dll"), .. arguments])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            WorkingDirectory = folder,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return new FramewireProcess(Process.Start(start)!);
    }

    /// <summary>Runs a command to its end.</summary>
    public static async Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        await using var process = Start(arguments);
        return await process.EndAsync();
    }

    /// <summary>Starts a server on a port and waits until it listens.</summary>
    public static async Task<FramewireProcess> ServeAsync(int port, params string[] more)
    {
        var server = Start(["serve", "--listen", $"127.0.0.1:{port}", "--web", "none", .. more]);
        await server.SaysAsync("Taking frames on");
        return server;
    }

    /// <summary>Waits until it has written a text to standard error.</summary>
    public Task SaysAsync(string text) => Eventually.TrueAsync(() =>
    {
        Assert.False(_ended.Task.IsCompleted && !Errors.Contains(text, StringComparison.Ordinal), $"It ended without saying '{text}': {Errors}");
        return Errors.Contains(text, StringComparison.Ordinal);
    });

    /// <summary>Waits for its end.</summary>
    public async Task<(int Code, string Output, string Errors)> EndAsync()
    {
        await _process.WaitForExitAsync(new CancellationTokenSource(Patience).Token);
        await _ended.Task.WaitAsync(Patience);
        return (_process.ExitCode, await _output.WaitAsync(Patience), Errors);
    }

    /// <summary>Sends a signal: INT, TERM, KILL.</summary>
    public Task SignalAsync(string signal) => Tool.RunAsync("kill", [$"-{signal}", $"{_process.Id}"]);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private void Heard(string? line)
    {
        if (line is null)
        {
            _ended.TrySetResult();
            return;
        }

        lock (_errors)
            _errors.AppendLine(line);
    }
}
