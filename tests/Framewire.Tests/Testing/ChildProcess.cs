using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Framewire.Tests.Testing;

/// <summary>A foreign program that a test starts, listens to, and is sure to end. Owned by one test or fixture.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _said = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string? _awaited;

    private ChildProcess(ProcessStartInfo start, string? awaited)
    {
        _awaited = awaited;
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Heard(line.Data);
        _process.ErrorDataReceived += (_, line) => Heard(line.Data);
        _process.Exited += (_, _) => _ended.TrySetResult();
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    /// <summary>What it has said so far, on both outputs.</summary>
    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    public static ChildProcess Start(string program, IEnumerable<string> arguments, string? folder = null, string? awaited = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? "",
        };
        return new ChildProcess(start, awaited);
    }

    /// <summary>Runs to its end; fails the test if that is not a good one.</summary>
    public static async Task<string> RunAsync(string program, IEnumerable<string> arguments, TimeSpan limit, string? folder = null)
    {
        await using var child = Start(program, arguments, folder);
        var code = await child.ExitAsync(limit);
        Assert.True(code == 0, $"{program} {string.Join(' ', arguments)} ended with {code}:\n{child.Output}");
        return child.Output;
    }

    /// <summary>A port of this machine that was free a moment ago, for programs that cannot choose one themselves.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public async Task<int> ExitAsync(TimeSpan limit)
    {
        await _ended.Task.WaitAsync(limit);
        // Without this the last lines may still be on their way.
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    /// <summary>Waits for the line that was given at the start.</summary>
    public async Task SaidAsync(TimeSpan limit)
    {
        await Task.WhenAny(_said.Task, _ended.Task).WaitAsync(limit);
        Assert.True(_said.Task.IsCompleted, $"It ended before it said \"{_awaited}\":\n{Output}");
    }

    /// <summary>Waits until it takes connections.</summary>
    public async Task ListensAsync(int port, TimeSpan limit)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, port);
                return;
            }
            catch (SocketException)
            {
                Assert.True(Stopwatch.GetElapsedTime(started) < limit && !_ended.Task.IsCompleted, $"Nothing listens on {port}:\n{Output}");
                await Task.WhenAny(_ended.Task, Task.Delay(50));
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void Heard(string? line)
    {
        if (line is null)
            return;
        lock (_output)
            _output.AppendLine(line);
        if (_awaited is not null && line.Contains(_awaited, StringComparison.Ordinal))
            _said.TrySetResult();
    }
}
