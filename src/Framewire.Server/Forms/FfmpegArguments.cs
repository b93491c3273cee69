using Framewire.Protocol.Media;
using Framewire.Protocol.Video;

namespace Framewire.Server.Forms;

/// <summary>How ffmpeg is told what comes in and what is to come out. Pure.</summary>
internal static class FfmpegArguments
{
    private const string Rgb24Tag = "0x18524742";

    /// <summary>A few bytes can claim to be a picture of 65,535 pixels a side.</summary>
    private const string MostPixels = "67108864";

    /// <summary>The command line from one format to another: IVF in, packets as <see cref="PacketReader"/> reads them out.</summary>
    /// <remarks>
    /// One thread: more of them hold a frame back each. Little probing, since the container says all there is; but not "nobuffer", which
    /// throws away the first keyframe.
    /// </remarks>
    public static string[] Of(StreamFormat from, StreamFormat to) =>
    [
        "-nostdin", "-hide_banner", "-nostats", "-loglevel", "error",
        .. from.Codec is Codec.Bgr ? (string[])["-c:v", "rawvideo", "-tag:v", Rgb24Tag] : [],
        "-protocol_whitelist", "pipe", "-max_pixels", MostPixels,
        "-f", "ivf", "-probesize", "32", "-analyzeduration", "0", "-flags", "low_delay", "-threads", "1", "-i", "pipe:0",
        "-map", "0:v:0", "-copyts", "-fps_mode", "passthrough", "-enc_time_base", "1:1000000",
        .. Output(from, to),
        "-f", "tee", "[f=framecrc:flush_packets=1]pipe:1|[f=data:flush_packets=1]pipe:1",
    ];

    /// <summary>The head of the IVF that goes in.</summary>
    public static byte[] IvfHeader(StreamFormat from) => from.Codec switch
    {
        Codec.H264 => IvfWriter.FileHeader("H264"u8),
        Codec.Jpeg => IvfWriter.FileHeader("MJPG"u8),
        Codec.Gray => IvfWriter.FileHeader("Y800"u8, from.Width, from.Height),
        _ => IvfWriter.FileHeader([(byte)'B', (byte)'G', (byte)'R', 24], from.Width, from.Height),
    };

    private static string[] Output(StreamFormat from, StreamFormat to)
    {
        if (to.Codec is Codec.Jpeg)
            return ["-c:v", "mjpeg", "-threads", "1", "-pix_fmt", "yuvj420p", "-q:v", "4"];
        // Averages what it makes smaller, so that small things do not flicker; without scaling only the colours change.
        var isSameSize = from.Width == to.Width && from.Height == to.Height;
        string[] scale = ["-vf", $"scale={to.Width}:{to.Height}{(isSameSize ? "" : ":flags=area")}"];
        return [.. scale, "-c:v", "rawvideo", "-threads", "1", "-pix_fmt", to.Codec is Codec.Gray ? "gray" : "bgr24"];
    }
}
