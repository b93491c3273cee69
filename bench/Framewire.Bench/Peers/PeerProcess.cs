using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Framewire.Bench.Peers;

/// <summary>One end of a contender as a process of its own, with what the system says of it. Owned by one run; one thread.</summary>
internal sealed class PeerProcess : IAsyncDisposable
{
    private const double TicksPerSecond = 100;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(45);

    private readonly Process _process;
    private readonly string _name;
    private readonly StringBuilder _errors = new();

    private PeerProcess(string name, Process process)
    {
        (_name, _process) = (name, process);
        process.ErrorDataReceived += (_, line) =>
        {
            lock (_errors)
                _errors.AppendLine(line.Data);
        };
        process.BeginErrorReadLine();
    }

    /// <summary>Processor time used so far, seconds.</summary>
    public double CpuSeconds
    {
        get
        {
            // utime and stime are fields 14 and 15; the name before them, in parentheses, may have spaces.
            var fields = File.ReadAllText($"/proc/{_process.Id}/stat").Split(") ")[^1].Split(' ');
            return (Parse(fields[11]) + Parse(fields[12])) / TicksPerSecond;
        }
    }

    /// <summary>The most memory it has held so far, MB.</summary>
    public double PeakMegabytes => Parse(File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith("VmHWM", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) * 1024 / 1e6;

    /// <summary>Starts a program.</summary>
    /// <exception cref="IOException">It cannot be started.</exception>
    public static PeerProcess Start(string name, string program, params IEnumerable<string> arguments)
    {
        try
        {
            var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
            return new PeerProcess(name, Process.Start(start)!);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new IOException($"{name}: {program} cannot be started: {e.Message}.", e);
        }
    }

    /// <summary>Its next line.</summary>
    /// <exception cref="IOException">It ended, or said nothing for too long.</exception>
    public async Task<string> LineAsync(string awaited)
    {
        try
        {
            if (await _process.StandardOutput.ReadLineAsync().WaitAsync(Patience) is { } line)
                return line;
            await _process.WaitForExitAsync().WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            throw new IOException($"{_name} said nothing for {Patience.TotalSeconds:0} s instead of '{awaited}'. {Errors()}");
        }

        throw new IOException($"{_name} ended with {_process.ExitCode} instead of saying '{awaited}'. {Errors()}");
    }

    /// <summary>What it answers to a line.</summary>
    public async Task<string> AskAsync()
    {
        await _process.StandardInput.WriteLineAsync();
        await _process.StandardInput.FlushAsync();
        return await LineAsync("an answer");
    }

    /// <summary>Ends it at once: it has nothing left to do.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private string Errors()
    {
        lock (_errors)
            return _errors.ToString().Trim();
    }

    private static double Parse(string number) => double.Parse(number, CultureInfo.InvariantCulture);
}
