using Framewire.Edge.Sources.Jpeg;
using Framewire.Protocol.Media;
using Framewire.Protocol.Video;

namespace Framewire.Edge.Sources.Ffmpeg;

/// <summary>
/// Makes a frame's payload of an ffmpeg packet: as it is, or compressed to JPEG here. Owned by one source's reading loop; not
/// thread-safe. Dispose frees the JPEG encoder.
/// </summary>
internal sealed class FrameMaker : IDisposable
{
    private readonly int? _imageBytes;
    private readonly string _subject;

    /// <param name="options">The encoding and JPEG quality.</param>
    /// <param name="format">What the frames are to look like.</param>
    /// <param name="subject">The source in words, for messages.</param>
    /// <exception cref="SourceException">libturbojpeg is not installed.</exception>
    public FrameMaker(SourceOptions options, StreamFormat format, string subject)
    {
        Format = format;
        _subject = subject;
        Jpeg = options.Encode is Encoding.Jpeg ? new JpegEncoder(format.Width, format.Height, options.Quality) : null;
        _imageBytes = Jpeg?.ImageBytes ?? format.RawFrameBytes;
    }

    public StreamFormat Format { get; }

    /// <summary>The encoder, if JPEG is made here.</summary>
    public JpegEncoder? Jpeg { get; }

    /// <summary>What the frames look like, from ffmpeg's header and the first packet; null if neither says.</summary>
    public static StreamFormat? FormatOf(SourceOptions options, PacketHeader header, double frameRate, ReadOnlySpan<byte> first)
    {
        var codec = options.Encode switch
        {
            Encoding.Gray => Codec.Gray,
            Encoding.Bgr => Codec.Bgr,
            Encoding.Jpeg => Codec.Jpeg,
            Encoding.H264 => Codec.H264,
            _ => header.Codec is "mjpeg" ? Codec.Jpeg : Codec.H264,
        };
        var (width, height) = (header.Width, header.Height);
        if (options.Encode is Encoding.Copy && codec is Codec.Jpeg && JpegHeader.TryRead(first, out var jpeg))
            (width, height) = (jpeg.Width, jpeg.Height);
        if (codec is Codec.H264 && H264AccessUnit.TryReadSequence(first, out var sequence))
            (width, height) = (sequence.Width, sequence.Height);
        var isSized = width is >= 1 and <= StreamFormat.MaxSide && height is >= 1 and <= StreamFormat.MaxSide;
        return isSized ? new StreamFormat(codec, width, height, options.FrameRate ?? frameRate) : null;
    }

    /// <summary>Makes a payload. Takes over the hold on <paramref name="packet"/>, whatever happens.</summary>
    /// <exception cref="SourceException">The image is not of the size it should be.</exception>
    public FrameBuffer Make(FrameBuffer packet)
    {
        if (_imageBytes is { } expected && packet.Length != expected)
        {
            var length = packet.Length;
            packet.Release();
            throw new SourceException($"{_subject} gave an image of {length} bytes where {Format} takes {expected}. Give a --size.");
        }
        if (Jpeg is null)
            return Format.Codec is Codec.Jpeg ? UsualHuffmanTables.Complete(packet) : packet;
        try
        {
            return Jpeg.Encode(packet.Memory.Span);
        }
        finally
        {
            packet.Release();
        }
    }

    /// <summary>Whether a payload can be decoded alone.</summary>
    public bool IsKeyframe(FrameBuffer payload) =>
        Format.EveryFrameIsKeyframe || H264AccessUnit.IsKeyframe(payload.Memory.Span);

    public void Dispose() => Jpeg?.Dispose();
}
