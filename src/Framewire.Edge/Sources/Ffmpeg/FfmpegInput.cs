namespace Framewire.Edge.Sources.Ffmpeg;

/// <summary>What ffmpeg is asked to read, and how its frames are timed. A value, made by <see cref="FfmpegInputs"/>.</summary>
internal sealed record FfmpegInput
{
    /// <summary>The source in words for messages, such as <c>'walk.mp4'</c>; holds no password.</summary>
    public required string Subject { get; init; }

    /// <summary>ffmpeg's arguments up to and with <c>-i</c>. More than one set: the next is tried if ffmpeg cannot open the one before.</summary>
    public required IReadOnlyList<IReadOnlyList<string>> Attempts { get; init; }

    /// <summary>Frames come at their own pace.</summary>
    public required bool IsLive { get; init; }

    /// <summary>Frames are held back until they are due.</summary>
    public bool IsPaced { get; init; }

    /// <summary>A feed's bytes are bare Motion JPEG.</summary>
    public bool IsMotionJpeg { get; init; }

    /// <summary>Frames a second, where we know better than ffmpeg.</summary>
    public double? FrameRate { get; init; }

    /// <summary>What happened, if nothing better is known.</summary>
    public string Trouble { get; init; } = "cannot be read";

    /// <summary>What the user can do if it cannot be read.</summary>
    public string Remedy { get; init; } = "Check that it is a video that ffmpeg reads.";
}
