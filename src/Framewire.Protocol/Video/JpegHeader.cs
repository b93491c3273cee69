using System.Buffers.Binary;

namespace Framewire.Protocol.Video;

/// <summary>
/// What the head of a JPEG file says (ITU-T T.81). A value; any thread. Read from untrusted bytes: bounded, never throws.
/// </summary>
/// <remarks>
/// A file is markers, most followed by a segment whose 16-bit length counts itself (T.81 B.1.1, big-endian):
/// <code>
/// FF D8                                   SOI
/// FF E0  length  ...                      APPn, COM, DQT (DB), DHT (C4), DRI (DD): skipped
/// FF C0  length  P  YY YY  XX XX  Nf ...  SOF0, 1 or 2: precision, lines, samples a line, components (B.2.2)
/// FF DA  length  ...                      SOS: entropy-coded data follows, the head is over (B.2.3)
/// </code>
/// </remarks>
/// <param name="Width">Width in pixels, 1 to 65535.</param>
/// <param name="Height">Height in pixels, 1 to 65535.</param>
/// <param name="Components">1 (grey), 3 (colour) or 4.</param>
/// <param name="IsProgressive">SOF2: the picture comes in several scans.</param>
/// <param name="HasHuffmanTables">False for the Motion JPEG of many cameras, which leaves out the usual tables (T.81 K.3).</param>
/// <param name="ScanOffset">Where the SOS marker is, in bytes from the start.</param>
public readonly record struct JpegHeader(int Width, int Height, int Components, bool IsProgressive, bool HasHuffmanTables, int ScanOffset)
{
    private const int MostMarkers = 1024;
    private const byte StartOfImage = 0xD8;
    private const byte EndOfImage = 0xD9;
    private const byte StartOfScan = 0xDA;
    private const byte HuffmanTables = 0xC4;

    /// <summary>Reads the head of a JPEG file.</summary>
    /// <returns>False if this is no JPEG, is cut short before its first scan, or is of a kind that browsers do not show.</returns>
    public static bool TryRead(ReadOnlySpan<byte> jpeg, out JpegHeader header)
    {
        header = default;
        if (jpeg.Length < 4 || jpeg[0] != 0xFF || jpeg[1] != StartOfImage)
            return false;
        var position = 2;
        for (var markers = 0; markers < MostMarkers && TryReadMarker(jpeg, ref position, out var marker); markers++)
        {
            if (marker is 0x01 or (>= 0xD0 and <= 0xD7))
                continue;
            if (marker is StartOfImage or EndOfImage || !TryReadSegment(jpeg, position, out var segment))
                return false;
            if (marker is StartOfScan)
                return header.Width > 0 && (header = header with { ScanOffset = position - 2 }).ScanOffset > 0;
            if (IsStartOfFrame(marker) && (header.Width > 0 || !TryReadFrame(segment, marker, ref header)))
                return false;
            if (marker is HuffmanTables)
                header = header with { HasHuffmanTables = true };
            position += segment.Length + 2;
        }
        return false;
    }

    /// <summary>Reads FF, any number of fill bytes FF, and the marker (T.81 B.1.1.2).</summary>
    private static bool TryReadMarker(ReadOnlySpan<byte> jpeg, ref int position, out byte marker)
    {
        marker = 0;
        if (position >= jpeg.Length || jpeg[position] != 0xFF)
            return false;
        while (position < jpeg.Length && jpeg[position] == 0xFF)
            position++;
        if (position == jpeg.Length)
            return false;
        marker = jpeg[position++];
        return marker != 0;
    }

    private static bool TryReadSegment(ReadOnlySpan<byte> jpeg, int position, out ReadOnlySpan<byte> segment)
    {
        segment = default;
        if (jpeg.Length - position < 2)
            return false;
        var length = BinaryPrimitives.ReadUInt16BigEndian(jpeg[position..]);
        if (length < 2 || length > jpeg.Length - position)
            return false;
        segment = jpeg.Slice(position + 2, length - 2);
        return true;
    }

    /// <summary>C0 to CF start a frame, but for DHT (C4), JPG (C8) and DAC (CC).</summary>
    private static bool IsStartOfFrame(byte marker) => marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);

    private static bool TryReadFrame(ReadOnlySpan<byte> segment, byte marker, ref JpegHeader header)
    {
        // Only baseline, extended and progressive Huffman (SOF0 to SOF2) of 8 bits, as decoders in the field take them.
        if (marker > 0xC2 || segment.Length < 6 || segment[0] != 8)
            return false;
        int height = BinaryPrimitives.ReadUInt16BigEndian(segment[1..]), width = BinaryPrimitives.ReadUInt16BigEndian(segment[3..]);
        var components = segment[5];
        if (width == 0 || height == 0 || components is not (1 or 3 or 4) || segment.Length < 6 + 3 * components)
            return false;
        header = header with { Width = width, Height = height, Components = components, IsProgressive = marker == 0xC2 };
        return true;
    }
}
