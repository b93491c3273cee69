using Framewire.Protocol.Video;

namespace Framewire.Server.Forms;

/// <summary>What a stream's frames are made into. A value: who asks for the same shares one maker.</summary>
/// <param name="Codec">JPEG, grey or BGR.</param>
/// <param name="Width">For raw images, the width to scale to; 0 for the stream's own.</param>
/// <param name="Height">The height; 0 for the stream's own or, if a width is given, the one that keeps the shape.</param>
/// <param name="EveryFrame">Whether the publisher of a lossless session waits for the maker, so that no frame is passed over.</param>
public readonly record struct FormSpec(Codec Codec, int Width = 0, int Height = 0, bool EveryFrame = false)
{
    /// <summary>The largest side to scale to.</summary>
    public const int MaxSide = 8192;

    /// <summary>What the frames of a session look like once they are made so.</summary>
    public StreamFormat Of(StreamFormat source) => source with
    {
        Codec = Codec,
        Width = Width > 0 ? Width : source.Width,
        Height = Height > 0 ? Height : Width > 0 ? Math.Clamp((int)Math.Round((double)Width * source.Height / source.Width), 1, MaxSide) : source.Height,
    };
}
