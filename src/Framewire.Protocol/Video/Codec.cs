namespace Framewire.Protocol.Video;

/// <summary>How a frame's payload is encoded. The numbers are those of <c>framewire.v1.Codec</c>.</summary>
public enum Codec
{
    /// <summary>8-bit luma, one byte a pixel, rows top to bottom without padding.</summary>
    Gray = 1,

    /// <summary>8-bit blue, green, red, three bytes a pixel, rows top to bottom without padding.</summary>
    Bgr = 2,

    /// <summary>A whole JPEG file (ITU-T T.81).</summary>
    Jpeg = 3,

    /// <summary>One H.264 access unit in Annex B form; keyframes carry SPS and PPS (ITU-T H.264).</summary>
    H264 = 4,
}
