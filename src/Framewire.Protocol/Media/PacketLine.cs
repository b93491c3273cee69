using System.Buffers.Text;
using Framewire.Protocol.Video;

namespace Framewire.Protocol.Media;

/// <summary>
/// One line of ffmpeg's framecrc format, which announces the packet that follows it. A value.
/// <code>
/// stream,        dts,        pts, duration,     size, checksum[, flags and side data]
/// 0,          -1024,      62464,     1024,     4245, 0xff0b4070, F=0x0
/// </code>
/// Times are in the time base of the header; the smallest 64-bit number says that a time is not known.
/// </summary>
public readonly record struct PacketLine(long Dts, long Pts, long Duration, int Size)
{
    /// <summary>The largest packet that is believed: raw BGR of 16384 x 16384 is refused, 8K passes.</summary>
    public const int MostBytes = 128 << 20;

    /// <summary>ffmpeg's AV_NOPTS_VALUE.</summary>
    public const long Unknown = long.MinValue;

    /// <summary>Reads a line without its line feed.</summary>
    /// <returns>False if this is no packet line, or one that lies about its size.</returns>
    public static bool TryParse(ReadOnlySpan<byte> line, out PacketLine packet)
    {
        packet = default;
        Span<long> numbers = stackalloc long[5];
        for (var i = 0; i < numbers.Length; i++)
        {
            line = line.TrimStart((byte)' ');
            if (!Utf8Parser.TryParse(line, out numbers[i], out var length) || length == line.Length || line[length] != ',')
                return false;
            line = line[(length + 1)..];
        }
        if (numbers[0] != 0 || numbers[4] is < 0 or > MostBytes)
            return false;
        packet = new PacketLine(numbers[1], numbers[2], numbers[3], (int)numbers[4]);
        return true;
    }
}

/// <summary>What ffmpeg says ahead of the packets. A value.</summary>
/// <param name="Codec">ffmpeg's name of the codec, such as <c>h264</c> or <c>rawvideo</c>.</param>
/// <param name="Width">Width in pixels, 0 if ffmpeg does not know.</param>
/// <param name="Height">Height in pixels, 0 if ffmpeg does not know.</param>
/// <param name="TimeBase">The unit of the packets' times.</param>
public sealed record PacketHeader(string Codec, int Width, int Height, TimeBase TimeBase);

/// <summary>One frame's bytes with the times that ffmpeg gave it. Whoever takes it holds the buffer.</summary>
public readonly record struct Packet(PacketLine Line, FrameBuffer Buffer);

/// <summary>A unit of time as a fraction of a second. A value.</summary>
public readonly record struct TimeBase(long Numerator, long Denominator)
{
    /// <summary>The time nearest to a count of units.</summary>
    public TimeSpan ToTime(long units)
    {
        var doubled = (Int128)units * Numerator * TimeSpan.TicksPerSecond * 2 + Denominator;
        var whole = Int128.DivRem(doubled, (Int128)Denominator * 2);
        var ticks = whole.Remainder < 0 ? whole.Quotient - 1 : whole.Quotient;
        return TimeSpan.FromTicks((long)Int128.Clamp(ticks, long.MinValue, long.MaxValue));
    }
}
