namespace Framewire.Edge.Sources;

/// <summary>How frames are encoded before they are sent.</summary>
public enum Encoding
{
    /// <summary>Raw 8-bit luma.</summary>
    Gray,

    /// <summary>Raw 8-bit blue, green, red.</summary>
    Bgr,

    /// <summary>JPEG by libturbojpeg, in this process.</summary>
    Jpeg,

    /// <summary>H.264 by ffmpeg, without delay and without B-frames.</summary>
    H264,

    /// <summary>The source's own H.264 or Motion JPEG, untouched.</summary>
    Copy,
}

/// <summary>What to capture and how to encode it.</summary>
public sealed record SourceOptions
{
    /// <summary>
    /// <c>test</c>, a file, a folder of images, a URL that ffmpeg reads, <c>/dev/videoN</c>, <c>screen</c>, <c>exec:COMMAND</c> or <c>-</c> (standard input).
    /// </summary>
    public required string Source { get; init; }

    /// <summary>The encoding of the frames.</summary>
    public Encoding Encode { get; init; } = Encoding.Jpeg;

    /// <summary>Width and height in pixels; null to keep the source's (1280x720 for <c>test</c>).</summary>
    public ImageSize? Size { get; init; }

    /// <summary>Frames a second; null to keep the source's (30 for <c>test</c> and a folder of images).</summary>
    public double? FrameRate { get; init; }

    /// <summary>JPEG quality, 1 to 100.</summary>
    public int Quality { get; init; } = 80;

    /// <summary>Time between keyframes when encoding H.264.</summary>
    public TimeSpan KeyframeInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Thousands of bits a second when encoding H.264; null for an even quality whatever it takes.</summary>
    public int? BitrateKbps { get; init; }

    /// <summary>Read a file as fast as possible instead of at its own pace.</summary>
    public bool Fast { get; init; }

    /// <summary>Begin a file again at its end, for ever.</summary>
    public bool Loop { get; init; }

    /// <summary>The ffmpeg program.</summary>
    public string Ffmpeg { get; init; } = "ffmpeg";

    /// <summary>Every mistake in these options, as sentences; empty if there is none.</summary>
    public IEnumerable<string> Validate()
    {
        if (string.IsNullOrWhiteSpace(Source))
            yield return "The source is empty: name a file, a camera such as /dev/video0, or 'test'.";
        if (Size is { } size && (size.Width is < 1 or > Protocol.Video.StreamFormat.MaxSide || size.Height is < 1 or > Protocol.Video.StreamFormat.MaxSide))
            yield return $"The size {size.Width}x{size.Height} is out of range: each side is 1 to {Protocol.Video.StreamFormat.MaxSide} pixels.";
        if (FrameRate is <= 0 or > 1000)
            yield return $"The frame rate {FrameRate} is out of range: more than 0, at most 1000.";
        if (Quality is < 1 or > 100)
            yield return $"The JPEG quality {Quality} is out of range: 1 to 100.";
        if (BitrateKbps is < 16 or > 1_000_000)
            yield return $"The bit rate {BitrateKbps} is out of range: 16 to 1000000 kbit/s.";
        if (KeyframeInterval <= TimeSpan.Zero)
            yield return "The keyframe interval must be more than 0.";
    }
}
