using System.Globalization;

namespace Framewire.Protocol.Wire;

/// <summary>The value of <c>grpc-timeout</c>, both ways. Pure functions, any thread.</summary>
/// <remarks>
/// PROTOCOL-HTTP2.md, "Requests":
/// <code>
///   Timeout      = TimeoutValue TimeoutUnit
///   TimeoutValue = 1 to 8 ASCII digits
///   TimeoutUnit  = "H" hours | "M" minutes | "S" seconds | "m" milliseconds | "u" microseconds | "n" nanoseconds
/// </code>
/// </remarks>
internal static class GrpcTimeout
{
    private const long Most = 99_999_999;

    /// <summary>Reads a timeout; less than a tick is kept as zero, more than a <see cref="TimeSpan"/> holds cannot be said in eight digits.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan timeout)
    {
        timeout = default;
        if (text.Length is < 2 or > 9 || !long.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var value))
            return false;
        switch (text[^1])
        {
            case 'H': timeout = TimeSpan.FromTicks(value * TimeSpan.TicksPerHour); return true;
            case 'M': timeout = TimeSpan.FromTicks(value * TimeSpan.TicksPerMinute); return true;
            case 'S': timeout = TimeSpan.FromTicks(value * TimeSpan.TicksPerSecond); return true;
            case 'm': timeout = TimeSpan.FromTicks(value * TimeSpan.TicksPerMillisecond); return true;
            case 'u': timeout = TimeSpan.FromTicks(value * TimeSpan.TicksPerMicrosecond); return true;
            case 'n': timeout = TimeSpan.FromTicks(value / TimeSpan.NanosecondsPerTick); return true;
            default: return false;
        }
    }

    /// <summary>Writes a timeout in the finest unit that eight digits hold, rounded up: the server must not give up before the client.</summary>
    public static string Format(TimeSpan timeout)
    {
        var ticks = Math.Max(timeout.Ticks, 0);
        if (ticks <= Most / TimeSpan.NanosecondsPerTick)
            return Text(ticks * TimeSpan.NanosecondsPerTick, 'n');
        ReadOnlySpan<(long Ticks, char Unit)> units =
        [
            (TimeSpan.TicksPerMicrosecond, 'u'), (TimeSpan.TicksPerMillisecond, 'm'), (TimeSpan.TicksPerSecond, 'S'), (TimeSpan.TicksPerMinute, 'M'),
        ];
        foreach (var (size, unit) in units)
        {
            var value = RoundUp(ticks, size);
            if (value <= Most)
                return Text(value, unit);
        }
        return Text(RoundUp(ticks, TimeSpan.TicksPerHour), 'H');
    }

    private static long RoundUp(long ticks, long size) => (ticks / size) + (ticks % size == 0 ? 0 : 1);

    private static string Text(long value, char unit) => string.Create(CultureInfo.InvariantCulture, $"{value}{unit}");
}
