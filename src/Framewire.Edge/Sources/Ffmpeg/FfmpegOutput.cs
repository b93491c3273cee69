using System.Globalization;

using Framewire.Protocol.Media;

namespace Framewire.Edge.Sources.Ffmpeg;

/// <summary>Decides what ffmpeg is asked to make of the video: filters, encoder, and how it writes packets. Pure; stateless.</summary>
internal static class FfmpegOutput
{
    /// <summary>How a copy becomes frames: H.264 as Annex B with parameter sets at each keyframe, or bytes as they are.</summary>
    public enum CopyAs
    {
        AnnexB,
        Untouched,
    }

    /// <summary>The arguments after the input.</summary>
    public static IEnumerable<string> Arguments(SourceOptions options, CopyAs copy)
    {
        // V: video but no cover pictures of music files.
        IEnumerable<string> map = ["-map", "0:V:0"];
        return options.Encode is Encoding.Copy
            ? [.. map, "-c:v", "copy", "-copytb", "1", .. Tee(copy is CopyAs.AnnexB ? ":bsfs/v=h264_mp4toannexb,dump_extra=freq=keyframe" : "")]
            : [.. map, .. Filters(options), .. Encoder(options), .. Times(options), .. Tee("")];
    }

    private static IEnumerable<string> Filters(SourceOptions options)
    {
        List<string> filters = [];
        if (options.FrameRate is { } rate)
            filters.Add($"fps={Number(rate)}");
        if (options.Size is var (width, height))
            filters.Add($"scale={width}:{height}");
        // 4:2:0 H.264 has even sides only: an odd one loses its last column or row.
        if (options.Encode is Encoding.H264)
            filters.Add("crop=trunc(iw/2)*2:trunc(ih/2)*2:0:0");
        return filters.Count > 0 ? ["-vf", string.Join(',', filters)] : [];
    }

    private static string[] Encoder(SourceOptions options) => options.Encode switch
    {
        Encoding.Gray => Raw("gray"),
        Encoding.Bgr => Raw("bgr24"),
        // What libturbojpeg takes without conversion: JPEG is full-range 4:2:0.
        Encoding.Jpeg => Raw("yuvj420p"),
        _ => H264(options),
    };

    /// <summary>One thread: ffmpeg else "encodes" several raw images at once and so holds each back by a frame for each core.</summary>
    private static string[] Raw(string layout) => ["-c:v", "rawvideo", "-threads", "1", "-pix_fmt", layout];

    private static string[] H264(SourceOptions options) =>
    [
        "-c:v", "libx264", "-preset", "superfast", "-tune", "zerolatency", "-bf", "0", "-pix_fmt", "yuv420p",
        .. options.BitrateKbps is { } rate ? (string[])["-b:v", $"{rate}k", "-maxrate", $"{rate}k", "-bufsize", $"{rate}k"] : ["-crf", "23"],
        // By time, not by count, so that uneven frames get their keyframes too.
        "-g", "100000", "-sc_threshold", "0", "-forced-idr", "1", "-force_key_frames",
        $"expr:if(isnan(prev_forced_t),1,gte(t,prev_forced_t+{Number(options.KeyframeInterval.TotalSeconds)}-0.0005))",
    ];

    /// <summary>Keeps uneven times as they are, in the source's own unit (-1), unless a rate is asked for.</summary>
    private static string[] Times(SourceOptions options) =>
        ["-fps_mode", "passthrough", .. options.FrameRate is null ? (string[])["-enc_time_base", "-1"] : []];

    /// <summary>Each packet twice to standard output, as <see cref="PacketReader"/> draws it, and flushed at once.</summary>
    private static string[] Tee(string filter) =>
        ["-f", "tee", $"[f=framecrc:flush_packets=1{filter}]pipe:1|[f=data:flush_packets=1{filter}]pipe:1"];

    internal static string Number(double value) => value.ToString("0.######", CultureInfo.InvariantCulture);
}
