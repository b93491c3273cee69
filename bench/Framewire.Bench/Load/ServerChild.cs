using System.Diagnostics;
using System.Text.RegularExpressions;
using System.Threading.Channels;

namespace Framewire.Bench.Load;

/// <summary>Settings of a server, as its environment has them: <c>Server__Streams__MaxStreams</c>.</summary>
internal sealed class ServerSettings : Dictionary<string, string>
{
    /// <summary>
    /// Room for as many streams and viewers as a bench likes, each with little history: with the default of 32 MiB a measurement would be over before
    /// the first of it is used again, and hundreds of streams would fill the machine.
    /// </summary>
    public static ServerSettings Crowd => new()
    {
        ["Server__Streams__MaxStreams"] = "5000",
        ["Server__Streams__MaxViewersPerStream"] = "10000",
        ["Server__Streams__HistoryBytes"] = (2 << 20).ToString(System.Globalization.CultureInfo.InvariantCulture),
    };
}

/// <summary>
/// A server, or a relay, as a process of its own, which says <c>listening PORT</c> (a Framewire server: where it takes frames) and runs until it is
/// killed. Owned by one measurement, and ended with it.
/// </summary>
internal sealed partial class ServerChild : IAsyncDisposable
{
    public static readonly string Bench = Path.Combine(AppContext.BaseDirectory, "Framewire.Bench.dll");

    private static readonly string Framewire = Path.Combine(AppContext.BaseDirectory, "framewire.dll");
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly TaskCompletionSource<int> _port = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Process _process;
    private string _lastError = "it said nothing";

    private ServerChild(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Take(line.Data, isError: false);
        process.ErrorDataReceived += (_, line) => Take(line.Data, isError: true);
        process.Exited += (_, _) => _port.TrySetException(new IOException($"{process.StartInfo.FileName} did not start: {_lastError}"));
        process.EnableRaisingEvents = true;
    }

    public int Port { get; private set; }

    public Uri Address => new($"http://127.0.0.1:{Port}");

    public int Id => _process.Id;

    /// <summary>Processor time used so far.</summary>
    public TimeSpan CpuTime => TimeSpan.FromSeconds(ProcessClock.CpuSeconds(Id));

    public long ResidentBytes => ProcessClock.ResidentBytes(Id);

    /// <summary><c>framewire serve</c>.</summary>
    public static Task<ServerChild> FramewireAsync(ServerSettings? settings = null, params string[] more) =>
        StartAsync("dotnet", [Framewire, "serve", "--listen", "127.0.0.1:0", "--web", "none", .. more], settings);

    /// <summary>A hidden mode of this program.</summary>
    public static Task<ServerChild> OwnAsync(ServerSettings? settings, params string[] mode) => StartAsync("dotnet", [Bench, .. mode], settings);

    public static async Task<ServerChild> StartAsync(string program, IEnumerable<string> arguments, ServerSettings? settings = null)
    {
        var what = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in settings ?? [])
            what.Environment[$"FRAMEWIRE_{name}"] = value;
        var process = new Process { StartInfo = what };
        var server = new ServerChild(process);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        server.Port = await server._port.Task.WaitAsync(Patience);
        return server;
    }

    /// <summary>Writes a line to its standard input, and reads one from its standard output.</summary>
    public async Task<string> AskAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
        return await _lines.Reader.ReadAsync().AsTask().WaitAsync(Patience);
    }

    public async ValueTask DisposeAsync()
    {
        _port.TrySetCanceled();
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void Take(string? line, bool isError)
    {
        if (line is null)
            return;
        if (Listening().Match(line) is { Success: true } match)
            _port.TrySetResult(int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture));
        else if (isError)
            _lastError = line;
        else
            _lines.Writer.TryWrite(line);
    }

    [GeneratedRegex(@"^(?:listening |Taking frames on http://127\.0\.0\.1:)(\d+)")]
    private static partial Regex Listening();
}
