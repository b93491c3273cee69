using Framewire.Protocol.Contracts;
using Framewire.Protocol.Video;

namespace Framewire.Protocol.Log;

/// <summary>A gap as <c>framewire.v1.RecordedGap</c> and back. Pure.</summary>
public static class GapCoding
{
    /// <summary>To the wire.</summary>
    public static V1.RecordedGap ToWire(LogGap gap) => new()
    {
        FirstSequence = gap.Gap.First,
        LastSequence = gap.Gap.Last,
        Reason = (V1.DropReason)gap.Gap.Reason,
        FromUnixMicros = gap.From == default ? 0 : Micros.Of(gap.From),
        UntilUnixMicros = gap.Until == default ? 0 : Micros.Of(gap.Until),
    };

    /// <summary>From the wire.</summary>
    public static LogGap FromWire(V1.RecordedGap gap) => new(
        new Gap(gap.FirstSequence, gap.LastSequence, (DropReason)gap.Reason),
        Micros.ToDateTimeOffset(gap.FromUnixMicros),
        Micros.ToDateTimeOffset(gap.UntilUnixMicros));
}
