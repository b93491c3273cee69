using Framewire.Protocol.Video;

namespace Framewire.Bench.Load;

/// <summary>Noise, as pictures are to a network and a disk, behind what a server looks at. Stateless.</summary>
internal static class MadePayload
{
    /// <summary>SOI, SOF0 of 1280x720 in three components, and SOS.</summary>
    private static readonly byte[] JpegHead =
    [
        0xFF, 0xD8, 0xFF, 0xC0, 0, 17, 8, 720 >> 8, 720 & 0xFF, 1280 >> 8, 1280 & 0xFF, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1, 0xFF, 0xDA, 0, 2,
    ];

    /// <summary>A start code and a slice.</summary>
    private static readonly byte[] H264Head = [0, 0, 0, 1, 0x65];

    /// <summary>A payload of so many bytes.</summary>
    public static FrameBuffer Of(Codec codec, int bytes)
    {
        var buffer = FrameBuffer.Rent(bytes);
        new Random(1).NextBytes(buffer.Memory.Span);
        byte[] head = codec switch { Codec.Jpeg => JpegHead, Codec.H264 => H264Head, _ => [] };
        head.CopyTo(buffer.Memory.Span);
        return buffer;
    }
}
