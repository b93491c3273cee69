using Framewire.Protocol.Video;

namespace Framewire.Protocol.Contracts;

/// <summary>A stream's format as <c>framewire.v1.Format</c>, and back with every number checked. Pure.</summary>
public static class FormatCoding
{
    /// <summary>To the wire.</summary>
    public static V1.Format ToWire(StreamFormat format) => new()
    {
        Codec = (V1.Codec)format.Codec,
        Width = (uint)format.Width,
        Height = (uint)format.Height,
        FrameRate = format.FrameRate,
    };

    /// <summary>From the wire.</summary>
    /// <param name="format">What the peer said.</param>
    /// <param name="mistake">What is wrong with it, for people; null if nothing is.</param>
    /// <returns>The format; null if it is wrong.</returns>
    public static StreamFormat? FromWire(V1.Format? format, out string? mistake)
    {
        mistake = format switch
        {
            null => "the format is missing",
            { Codec: V1.Codec.Unspecified } => "the codec is missing",
            _ when !Enum.IsDefined((Codec)format.Codec) => $"the codec {(int)format.Codec} is not known here",
            { Width: < 1 or > StreamFormat.MaxSide } or { Height: < 1 or > StreamFormat.MaxSide } =>
                $"the size {format.Width}x{format.Height} is out of range: each side is 1 to {StreamFormat.MaxSide} pixels",
            { FrameRate: < 0 or > 1000 or double.NaN } => $"the frame rate {format.FrameRate} is out of range: 0 (unknown) to 1000",
            _ => null,
        };
        return mistake is null
            ? new StreamFormat((Codec)format!.Codec, (int)format.Width, (int)format.Height, format.FrameRate)
            : null;
    }
}
