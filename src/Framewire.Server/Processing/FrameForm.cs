using Framewire.Protocol.Video;
using Framewire.Server.Forms;

namespace Framewire.Server.Processing;

/// <summary>What a processor wants frames to be like. A value.</summary>
/// <param name="Codec">JPEG, or grey or BGR pixels; null for frames as they are.</param>
/// <param name="Width">For pixels, the width to scale to; 0 for the stream's own.</param>
/// <param name="Height">The height; 0 for the stream's own or, if a width is given, the one that keeps the shape.</param>
/// <param name="FrameRate">The most frames a second, by their times; 0 for every one.</param>
public readonly record struct FrameForm(Codec? Codec = null, int Width = 0, int Height = 0, double FrameRate = 0)
{
    /// <summary>What is to be made; null for frames as they are.</summary>
    internal FormSpec? Spec(bool everyFrame) => Codec is { } codec ? new FormSpec(codec, Width, Height, everyFrame) : null;

    /// <inheritdoc/>
    public override string ToString() =>
        (Codec is { } codec ? codec.ToString().ToLowerInvariant() : "as it is")
        + (Width > 0 ? Height > 0 ? $" {Width}x{Height}" : $" {Width} wide" : "")
        + (FrameRate > 0 ? $" at {FrameRate:0.##} a second" : "");
}
