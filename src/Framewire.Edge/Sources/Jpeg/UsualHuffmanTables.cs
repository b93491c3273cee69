using Framewire.Protocol.Video;

namespace Framewire.Edge.Sources.Jpeg;

/// <summary>
/// The Huffman tables of ITU-T T.81 K.3, which the Motion JPEG of many USB cameras leaves out and most decoders outside a
/// browser want. Stateless.
/// </summary>
internal static class UsualHuffmanTables
{
    // One DHT segment, marker and length first, then for each of the four tables its class and number, 16 counts and the values.
    private static readonly byte[] Segment = Convert.FromHexString(
        "FFC401A20000010501010101010100000000000000000102030405060708090A0B0100030101010101010101010000000000000102030405"
        + "060708090A0B100002010303020403050504040000017D01020300041105122131410613516107227114328191A1082342B1C11552D1F024"
        + "33627282090A161718191A25262728292A3435363738393A434445464748494A535455565758595A636465666768696A737475767778797A"
        + "838485868788898A92939495969798999AA2A3A4A5A6A7A8A9AAB2B3B4B5B6B7B8B9BAC2C3C4C5C6C7C8C9CAD2D3D4D5D6D7D8D9DAE1E2E3"
        + "E4E5E6E7E8E9EAF1F2F3F4F5F6F7F8F9FA110002010204040304070504040001027700010203110405213106124151076171132232810814"
        + "4291A1B1C109233352F0156272D10A162434E125F11718191A262728292A35363738393A434445464748494A535455565758595A63646566"
        + "6768696A737475767778797A82838485868788898A92939495969798999AA2A3A4A5A6A7A8A9AAB2B3B4B5B6B7B8B9BAC2C3C4C5C6C7C8C9"
        + "CAD2D3D4D5D6D7D8D9DAE2E3E4E5E6E7E8E9EAF2F3F4F5F6F7F8F9FA");

    /// <summary>Gives a JPEG the tables if it has none. Takes over the hold on <paramref name="jpeg"/>.</summary>
    /// <returns>The same buffer, or another one with the tables ahead of the scan.</returns>
    public static FrameBuffer Complete(FrameBuffer jpeg)
    {
        if (!JpegHeader.TryRead(jpeg.Memory.Span, out var header) || header.HasHuffmanTables)
            return jpeg;
        var complete = FrameBuffer.Rent(jpeg.Length + Segment.Length);
        var source = jpeg.Memory.Span;
        var target = complete.Memory.Span;
        source[..header.ScanOffset].CopyTo(target);
        Segment.CopyTo(target[header.ScanOffset..]);
        source[header.ScanOffset..].CopyTo(target[(header.ScanOffset + Segment.Length)..]);
        jpeg.Release();
        return complete;
    }
}
