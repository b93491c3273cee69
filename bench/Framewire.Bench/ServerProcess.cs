using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Framewire.Bench;

/// <summary><c>framewire serve</c> as a process of its own, ended with the measurement.</summary>
internal sealed partial class ServerProcess : IAsyncDisposable
{
    private readonly Process _process;

    private ServerProcess(Process process, Uri address) => (_process, Address) = (process, address);

    /// <summary>Where it takes frames.</summary>
    public Uri Address { get; }

    /// <summary>Processor time used so far.</summary>
    public TimeSpan CpuTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Starts it on a free port.</summary>
    public static Task<ServerProcess> StartAsync(params string[] more) =>
        StartBenchAsync([Path.Combine(AppContext.BaseDirectory, "framewire.dll"), "serve", "--listen", "127.0.0.1:0", "--web", "none", .. more]);

    /// <summary>Starts another program that says the same when it listens.</summary>
    public static async Task<ServerProcess> StartBenchAsync(params string[] arguments)
    {
        var process = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardError = true })!;
        while (await process.StandardError.ReadLineAsync() is { } line)
        {
            if (Listening().Match(line) is not { Success: true } match)
                continue;
            _ = process.StandardError.ReadToEndAsync();
            return new ServerProcess(process, new Uri(match.Groups[1].Value));
        }

        throw new IOException("the server did not start.");
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    [GeneratedRegex(@"Taking frames on (\S+?),?$")]
    private static partial Regex Listening();
}
