using System.Buffers.Binary;

namespace Framewire.Server.Forms;

/// <summary>
/// Puts access units into IVF, the smallest container that ffmpeg reads: so each reaches the decoder whole, at once, and with its time,
/// where bare H.264 would wait for the next one's start and carry no times. Pure functions.
/// </summary>
/// <remarks>
/// https://wiki.multimedia.cx/index.php/Duck_IVF, all numbers little-endian:
/// <code>
/// "DKIF" | version 16 | header length 16 | codec, four characters | width 16 | height 16 | denominator 32 | numerator 32 | frames 32 | 0 32
/// size 32 | presentation time 64 | size bytes                                                                        ... for each frame
/// </code>
/// </remarks>
internal static class IvfWriter
{
    public const int FrameHeaderBytes = 12;

    /// <summary>The file's head, for H.264 with times in microseconds. The size is left to the stream itself.</summary>
    public static byte[] FileHeader()
    {
        var header = new byte[32];
        "DKIF"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(6), (ushort)header.Length);
        "H264"u8.CopyTo(header.AsSpan(8));
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(16), 1_000_000);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(20), 1);
        return header;
    }

    /// <summary>What stands before each access unit.</summary>
    public static void WriteFrameHeader(Span<byte> header, int size, long micros)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(header, (uint)size);
        BinaryPrimitives.WriteInt64LittleEndian(header[4..], micros);
    }
}
