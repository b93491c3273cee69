namespace Framewire.Protocol.Video;

/// <summary>What the frames of a stream look like, known before the first frame.</summary>
/// <param name="Codec">The codec of every frame.</param>
/// <param name="Width">Width in pixels, 1 to <see cref="MaxSide"/>.</param>
/// <param name="Height">Height in pixels, 1 to <see cref="MaxSide"/>.</param>
/// <param name="FrameRate">Nominal frames a second, 0 if unknown. A hint: each frame has its own pts.</param>
public sealed record StreamFormat(Codec Codec, int Width, int Height, double FrameRate = 0)
{
    /// <summary>The largest width or height, in pixels.</summary>
    public const int MaxSide = 16384;

    /// <summary>The exact payload size of a raw image in bytes; null for compressed codecs, whose frames differ in size.</summary>
    public int? RawFrameBytes => Codec switch
    {
        Codec.Gray => checked(Width * Height),
        Codec.Bgr => checked(Width * Height * 3),
        _ => null,
    };

    /// <summary>Whether every frame can be decoded alone, so that any frame may be dropped without harm to another.</summary>
    public bool EveryFrameIsKeyframe => Codec is not Codec.H264;

    /// <inheritdoc/>
    public override string ToString() => $"{Codec.ToString().ToLowerInvariant()} {Width}x{Height}";
}
