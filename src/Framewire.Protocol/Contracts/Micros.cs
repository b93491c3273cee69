namespace Framewire.Protocol.Contracts;

/// <summary>Microseconds on the wire to the types of time here and back. A value out of range becomes the nearest one. Pure.</summary>
public static class Micros
{
    private const long TicksPerMicro = TimeSpan.TicksPerMicrosecond;
    private static readonly long MinUnix = Of(DateTimeOffset.MinValue);
    private static readonly long MaxUnix = Of(DateTimeOffset.MaxValue);

    /// <summary>Whole microseconds, rounded towards negative infinity.</summary>
    public static long Of(TimeSpan time) => (long)Math.Floor((decimal)time.Ticks / TicksPerMicro);

    /// <summary>Whole microseconds since 1970-01-01T00:00:00Z.</summary>
    public static long Of(DateTimeOffset time) => Of(time - DateTimeOffset.UnixEpoch);

    /// <summary>A span of so many microseconds.</summary>
    public static TimeSpan ToTimeSpan(long micros) =>
        TimeSpan.FromTicks(Math.Clamp(micros, long.MinValue / TicksPerMicro, long.MaxValue / TicksPerMicro) * TicksPerMicro);

    /// <summary>The moment so many microseconds after 1970-01-01T00:00:00Z; 0, "not said", is <c>default</c>.</summary>
    public static DateTimeOffset ToDateTimeOffset(long micros) =>
        micros == 0 ? default : DateTimeOffset.UnixEpoch + ToTimeSpan(Math.Clamp(micros, MinUnix, MaxUnix));
}
