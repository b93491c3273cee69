using Framewire.Protocol.Contracts;

namespace Framewire.Protocol.Log;

/// <summary>MCAP's times: nanoseconds since 1970 as u64. What is out of range becomes the nearest one. Pure.</summary>
internal static class LogTime
{
    private const ulong MaxMicros = ulong.MaxValue / 1000;
    private const long NanosPerTick = 100;

    public static ulong Of(DateTimeOffset time) => Math.Min((ulong)Math.Max(0, Micros.Of(time)), MaxMicros) * 1000;

    public static DateTimeOffset ToDateTimeOffset(ulong nanos) => nanos == 0
        ? default
        : DateTimeOffset.UnixEpoch.AddTicks((long)(nanos / NanosPerTick));
}
