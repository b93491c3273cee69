namespace Framewire.Edge.Sources.Ffmpeg;

/// <summary>
/// Decides the arguments with which ffmpeg reads each kind of source. Pure; stateless. Protocols and container formats come from
/// fixed lists, so that a playlist or script posing as a video makes ffmpeg open nothing else.
/// </summary>
internal static class FfmpegInputs
{
    private const string Containers =
        "mov,matroska,avi,mpegts,mpeg,mpegvideo,flv,live_flv,ogg,asf,mxf,nut,ivf,gif,apng,rm,dv,h261,h263,h264,hevc,m4v,obu,vc1,av1,mjpeg,mpjpeg,yuv4mpegpipe,"
        + "wtv,image2,jpeg_pipe,png_pipe,bmp_pipe,mp3,flac,wav,aac";

    private const string WebProtocols = "http,https,tcp,tls,crypto,httpproxy";

    /// <summary>A file. The prefix keeps ffmpeg from taking a name with a colon for a protocol.</summary>
    public static FfmpegInput File(string path, SourceOptions options) => new()
    {
        Subject = $"'{path}'",
        Attempts = [[.. Loop(options), "-protocol_whitelist", "file", "-format_whitelist", Containers, "-i", "file:" + path]],
        IsLive = !options.Fast,
        IsPaced = !options.Fast,
        Remedy = "Check that it is a whole video file.",
    };

    /// <summary>http, https or rtsp; RTSP over TCP, since lost packets cost whole pictures.</summary>
    public static FfmpegInput Url(Uri url, SourceOptions options)
    {
        var isRtsp = url.Scheme is "rtsp" or "rtsps";
        IReadOnlyList<string> arguments = isRtsp
            ? ["-protocol_whitelist", "rtp,tcp,tls,udp,rtsp,http,https", "-format_whitelist", "rtsp,sdp,rtp", "-rtsp_transport", "tcp", "-timeout", "5000000", .. Live, "-flags", "low_delay"]
            : [.. Loop(options), "-protocol_whitelist", WebProtocols, "-format_whitelist", Containers + ",hls,dash", "-rw_timeout", "15000000"];
        return new()
        {
            Subject = $"'{Redaction.Clean(url.OriginalString)}'",
            Attempts = [[.. arguments, "-i", url.OriginalString]],
            IsLive = isRtsp || !options.Fast,
            IsPaced = !isRtsp && !options.Fast,
            Trouble = "gives no proper answer",
            Remedy = "Check the address, the user name and password in it, and that its host answers.",
        };
    }

    /// <summary>A V4L2 camera. It is asked for its compressed pictures first: raw ones are slow over USB.</summary>
    public static FfmpegInput Camera(string device, SourceOptions options)
    {
        IReadOnlyList<string> Ask(params string[] pixels) =>
        [
            "-f", "v4l2", .. pixels.Length > 0 ? (string[])["-input_format", pixels[0]] : [],
            .. options.FrameRate is { } rate ? (string[])["-framerate", FfmpegOutput.Number(rate)] : [],
            .. options.Size is var (width, height) ? (string[])["-video_size", $"{width}x{height}"] : [],
            .. Live, "-i", device,
        ];
        return new()
        {
            Subject = $"The camera '{device}'",
            Attempts = options.Encode is Encoding.Copy ? [Ask("h264"), Ask("mjpeg")] : [Ask("mjpeg"), Ask()],
            IsLive = true,
            Remedy = $"Check that nothing else uses it, that this user is in the group 'video', and its formats with 'v4l2-ctl --list-formats-ext -d {device}'.",
        };
    }

    /// <summary>The X11 screen.</summary>
    public static FfmpegInput Screen(string display, SourceOptions options) => new()
    {
        Subject = $"The screen '{display}'",
        Attempts = [["-f", "x11grab", "-framerate", FfmpegOutput.Number(options.FrameRate ?? 30), .. Live, "-i", display]],
        IsLive = true,
        Remedy = "Check DISPLAY and that this user may use that screen.",
    };

    /// <summary>Bytes that a <see cref="Feed"/> writes to ffmpeg's standard input.</summary>
    public static FfmpegInput Piped(string subject, IReadOnlyList<string> format, bool isLive, bool isPaced, string remedy) => new()
    {
        Subject = subject,
        Attempts = [["-protocol_whitelist", "pipe", "-format_whitelist", Containers + ",rawvideo", .. isLive ? Live : [], .. format, "-i", "pipe:0"]],
        IsLive = isLive,
        IsPaced = isPaced,
        Remedy = remedy,
    };

    /// <summary>Little is read ahead to guess at the format, and no picture waits for the next one to be decoded beside it.</summary>
    private static string[] Live => ["-analyzeduration", "1000000", "-fpsprobesize", "0", "-thread_type", "slice"];

    private static string[] Loop(SourceOptions options) => options.Loop ? ["-stream_loop", "-1"] : [];
}
