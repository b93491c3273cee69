using System.Globalization;
using System.Runtime.InteropServices;

namespace Framewire.Bench.Load;

/// <summary>What another process has used, to the nanosecond, threads that have ended included (Linux). Stateless.</summary>
internal static partial class ProcessClock
{
    /// <summary>Processor time of a process so far, seconds; 0 if it is gone.</summary>
    public static double CpuSeconds(int process)
    {
        // clock_getcpuclockid(3): the complement of the process above three bits, of which 2 asks for what the scheduler counts.
        return ReadClock((~process << 3) | 2, out var time) == 0 ? time.Seconds + (time.Nanoseconds / 1e9) : 0;
    }

    /// <summary>Memory of a process that is in the machine's, bytes; 0 if it is gone.</summary>
    public static long ResidentBytes(int process)
    {
        var file = $"/proc/{process.ToString(CultureInfo.InvariantCulture)}/statm";
        return File.Exists(file) ? long.Parse(File.ReadAllText(file).Split(' ')[1], CultureInfo.InvariantCulture) * Environment.SystemPageSize : 0;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Time
    {
        public long Seconds;
        public long Nanoseconds;
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ReadClock(int clock, out Time time);
}
