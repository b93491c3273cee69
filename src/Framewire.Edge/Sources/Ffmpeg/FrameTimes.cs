using Framewire.Protocol.Media;

namespace Framewire.Edge.Sources.Ffmpeg;

/// <summary>
/// Turns ffmpeg's packet times into the times of frames. Owned by one reading loop; not thread-safe.
/// </summary>
/// <param name="timeBase">The unit of the packets' times.</param>
/// <param name="arrival">The clock by which frames are timed if the packets' times mean nothing; else null.</param>
internal sealed class FrameTimes(TimeBase timeBase, TimeProvider? arrival)
{
    private long _started;
    private long _next;
    private bool _any;

    /// <summary>When a packet is due to be decoded and its picture shown.</summary>
    public (TimeSpan Decode, TimeSpan Present) Next(PacketLine packet)
    {
        if (arrival is not null)
            return NextByArrival(arrival);
        var present = packet.Pts != PacketLine.Unknown ? packet.Pts : packet.Dts != PacketLine.Unknown ? packet.Dts : _next;
        var decode = packet.Dts != PacketLine.Unknown ? packet.Dts : present;
        _next = decode + Math.Clamp(packet.Duration, 0, int.MaxValue);
        return (timeBase.ToTime(decode), timeBase.ToTime(present));
    }

    private (TimeSpan Decode, TimeSpan Present) NextByArrival(TimeProvider clock)
    {
        if (!_any)
            (_any, _started) = (true, clock.GetTimestamp());
        var elapsed = clock.GetElapsedTime(_started);
        return (elapsed, elapsed);
    }
}
