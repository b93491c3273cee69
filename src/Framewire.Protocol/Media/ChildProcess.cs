using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Framewire.Protocol.Media;

/// <summary>
/// One child process in a session of its own, with its three standard streams. Owned by one source. Dispose ends it and all
/// that it started within about a second; and if this process is killed outright, the kernel kills the child.
/// </summary>
public sealed partial class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan Politeness = TimeSpan.FromSeconds(1);

    private readonly Process _process;
    private readonly Task _errors;
    private bool _disposed;

    private ChildProcess(Process process, LastLines errors)
    {
        _process = process;
        Errors = errors;
        _errors = errors.FillAsync(process.StandardError);
    }

    /// <summary>What the child reads.</summary>
    public Stream Input => _process.StandardInput.BaseStream;

    /// <summary>What the child writes.</summary>
    public Stream Output => _process.StandardOutput.BaseStream;

    /// <summary>The end of what it wrote to standard error.</summary>
    public LastLines Errors { get; }

    public int Id => _process.Id;

    /// <summary>Whether children lead a session and so a process group of their own.</summary>
    public static bool HasOwnSession => SetSession.Length > 0;

    /// <summary>Starts a program that <see cref="Programs.Find"/> has found.</summary>
    /// <param name="program">Its file.</param>
    /// <param name="arguments">Word by word: no shell reads them.</param>
    /// <param name="errors">What takes the end of its standard error.</param>
    /// <param name="limits">What it may take; null for as much as this process.</param>
    /// <exception cref="MediaException">The system refused to start it.</exception>
    public static async Task<ChildProcess> StartAsync(string program, IEnumerable<string> arguments, LastLines errors, ChildLimits? limits = null)
    {
        var what = new ProcessStartInfo { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var word in (string[])[.. Guard, .. limits?.Guard ?? [], program, .. arguments])
            what.ArgumentList.Add(word);
        what.FileName = what.ArgumentList[0];
        what.ArgumentList.RemoveAt(0);
        try
        {
            return new ChildProcess(await SpawnThread.StartAsync(what).ConfigureAwait(false), errors);
        }
        catch (Win32Exception refused)
        {
            throw new MediaException($"'{program}' cannot be started: {refused.Message}. Check that it is a program this user may run.", refused);
        }
    }

    /// <summary>Waits for the child's end and for the last of what it had to say.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> WaitAsync(CancellationToken cancellation)
    {
        await _process.WaitForExitAsync(cancellation).ConfigureAwait(false);
        // What the child started may still hold its standard error open.
        await Task.WhenAny(_errors, Task.Delay(Politeness, cancellation)).ConfigureAwait(false);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        CloseQuietly(Input);
        CloseQuietly(Output);
        if (!_process.HasExited)
        {
            Signal(SignalTerminate);
            await Task.WhenAny(_process.WaitForExitAsync(), Task.Delay(Politeness)).ConfigureAwait(false);
        }
        Signal(SignalKill);
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync().ConfigureAwait(false);
        await Task.WhenAny(_errors, Task.Delay(Politeness)).ConfigureAwait(false);
        _process.Dispose();
    }

    /// <summary>Closes a pipe whose far end may have gone first.</summary>
    public static void CloseQuietly(Stream pipe)
    {
        try
        {
            pipe.Dispose();
        }
        catch (IOException)
        {
            // The far end has gone first: nothing is left to close.
        }
    }

    /// <summary>Signals the child's whole session if it leads one, which also reaches what it started.</summary>
    private void Signal(int signal)
    {
        if (HasOwnSession)
            _ = Kill(-_process.Id, signal);
        else if (!_process.HasExited)
            _ = Kill(_process.Id, signal);
    }

    private const int SignalKill = 9;
    private const int SignalTerminate = 15;

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);

    private static readonly string SetSession = Programs.Find("setsid") ?? "";

    /// <summary>
    /// What goes before each command (util-linux): setpriv asks the kernel to kill the child when this process dies, setsid keeps a
    /// terminal's Ctrl-C from the child, so that the publisher ends it in order.
    /// </summary>
    private static readonly string[] Guard =
    [
        .. Programs.Find("setpriv") is { } setpriv ? (string[])[setpriv, "--pdeathsig", "KILL"] : [],
        .. HasOwnSession ? (string[])[SetSession] : [],
    ];
}
