using System.Buffers.Binary;

namespace Framewire.Protocol.Media;

/// <summary>
/// Puts frames into IVF, the smallest container that ffmpeg reads: so each reaches the decoder whole, at once, and with its time,
/// where bare H.264 would wait for the next one's start and carry no times. Pure functions.
/// </summary>
/// <remarks>
/// https://wiki.multimedia.cx/index.php/Duck_IVF, all numbers little-endian:
/// <code>
/// "DKIF" | version 16 | header length 16 | codec, four characters | width 16 | height 16 | denominator 32 | numerator 32 | frames 32 | 0 32
/// size 32 | presentation time 64 | size bytes                                                                        ... for each frame
/// </code>
/// </remarks>
public static class IvfWriter
{
    /// <summary>The size of what stands before each frame.</summary>
    public const int FrameHeaderBytes = 12;

    /// <summary>The file's head, for times in microseconds.</summary>
    /// <param name="codec">Four characters: H264, MJPG or Y800 (grey).</param>
    /// <param name="width">Width in pixels; 0 to leave it to the stream itself, if that tells.</param>
    /// <param name="height">Height in pixels, likewise.</param>
    public static byte[] FileHeader(ReadOnlySpan<byte> codec, int width = 0, int height = 0)
    {
        var header = new byte[32];
        "DKIF"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(6), (ushort)header.Length);
        codec.CopyTo(header.AsSpan(8));
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(12), (ushort)width);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(14), (ushort)height);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(16), 1_000_000);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(20), 1);
        return header;
    }

    /// <summary>What stands before each frame.</summary>
    public static void WriteFrameHeader(Span<byte> header, int size, long micros)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(header, (uint)size);
        BinaryPrimitives.WriteInt64LittleEndian(header[4..], micros);
    }
}
