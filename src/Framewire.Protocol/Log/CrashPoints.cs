using System.Globalization;
using System.Runtime.InteropServices;

namespace Framewire.Protocol.Log;

/// <summary>
/// Places at which a test lets the process die as if its power were cut: the environment variable FRAMEWIRE_CRASH_AT says where, as
/// <c>name</c> or <c>name:N</c> for the Nth time. Costs one comparison when it is not set. Thread-safe.
/// </summary>
public static partial class CrashPoints
{
    private const int Kill = 9;

    private static readonly (string Name, int Times)? Armed = Parse(Environment.GetEnvironmentVariable("FRAMEWIRE_CRASH_AT"));
    private static int _reached;

    /// <summary>Ends the process if it is to end here.</summary>
    public static void Reach(string name)
    {
        if (Armed is not null && IsDue(name))
            Die();
    }

    /// <summary>Whether the process is to end here, for a place that has something to do first. Counts as reaching it.</summary>
    public static bool IsDue(string name) =>
        Armed is { } armed && armed.Name == name && Interlocked.Increment(ref _reached) == armed.Times;

    /// <summary>Ends the process at once: SIGKILL, so that no handler runs and nothing is flushed.</summary>
    public static void Die()
    {
        _ = SendSignal(Environment.ProcessId, Kill);
        new ManualResetEventSlim().Wait(); // the signal is on its way
    }

    private static (string Name, int Times)? Parse(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        var colon = text.LastIndexOf(':');
        return colon >= 0 && int.TryParse(text.AsSpan(colon + 1), CultureInfo.InvariantCulture, out var times)
            ? (text[..colon], times)
            : (text, 1);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}
