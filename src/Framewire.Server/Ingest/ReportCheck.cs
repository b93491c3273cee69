using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using Framewire.Server.Streams;
using DropReason = Framewire.Protocol.Video.DropReason;

namespace Framewire.Server.Ingest;

/// <summary>Takes in a publisher's report within bounds: whatever it claims, it costs little to keep and can be reckoned with. Pure.</summary>
internal static class ReportCheck
{
    /// <summary>Reasons kept; there are fewer.</summary>
    public const int MaxReasons = 16;

    /// <summary>The highest count kept: what a number in JSON holds exactly (RFC 8259, section 6).</summary>
    public const ulong MaxCount = (1ul << 53) - 1;

    /// <summary>The largest offset kept: a machine without a clock of its own is in 1970.</summary>
    public static readonly TimeSpan MaxClockOffset = TimeSpan.FromDays(365 * 100);

    /// <summary>The report as the stream keeps it.</summary>
    public static PublisherReport Bounded(Report report) => new(
        Count(report.Captured),
        Count(report.Acked),
        Count(report.Waiting),
        Drops(report),
        Micros.ToTimeSpan(report.AckP50Micros),
        Micros.ToTimeSpan(report.AckP99Micros),
        Micros.ToTimeSpan(report.QueueP50Micros),
        Offset(Micros.ToTimeSpan(report.ClockOffsetMicros)));

    private static ulong Count(ulong count) => Math.Min(count, MaxCount);

    /// <summary>Of a reason told twice the last count holds.</summary>
    private static SortedDictionary<DropReason, ulong> Drops(Report report)
    {
        var drops = new SortedDictionary<DropReason, ulong>();
        foreach (var drop in report.Drops.Take(MaxReasons))
            drops[(DropReason)drop.Reason] = Count(drop.Frames);
        return drops;
    }

    private static TimeSpan Offset(TimeSpan offset) =>
        offset > MaxClockOffset ? MaxClockOffset : offset < -MaxClockOffset ? -MaxClockOffset : offset;
}
