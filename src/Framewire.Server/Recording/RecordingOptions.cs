using System.IO.Enumeration;

namespace Framewire.Server.Recording;

/// <summary>What is recorded, where, and for how long it is kept.</summary>
public sealed record RecordingOptions
{
    /// <summary>The streams to record: names with * and ?, with commas between; empty for none, <c>*</c> for all.</summary>
    public string Streams { get; init; } = "";

    /// <summary>The folder for recordings.</summary>
    public string Directory { get; init; } = "recordings";

    /// <summary>Frames are written and made safe by an fsync this long after they came, at the latest.</summary>
    public TimeSpan FlushInterval { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Or as soon as this many bytes wait.</summary>
    public long FlushBytes { get; init; } = 4L << 20;

    /// <summary>A file is closed, at the next keyframe, at this size.</summary>
    public long SegmentBytes { get; init; } = 256L << 20;

    /// <summary>Or after this long.</summary>
    public TimeSpan SegmentDuration { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Files are deleted this long after they were written, by this machine's clock; null for never.</summary>
    public TimeSpan? KeepFor { get; init; }

    /// <summary>The oldest files are deleted while there are more bytes than this in all; null for no limit.</summary>
    public long? KeepBytes { get; init; }

    /// <summary>The oldest files are deleted while the disk has less room than this; null for never: then recording stops when it is full.</summary>
    public long? KeepFreeBytes { get; init; }

    /// <summary>How often to look for what to delete, and whether a recording that has stopped can go on.</summary>
    public TimeSpan CheckInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Something is said to each reader of a recording at least this often.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The ffmpeg program, which makes MP4 files.</summary>
    public string Ffmpeg { get; init; } = "ffmpeg";

    /// <summary>Recordings read or exported at the same time. One more is refused.</summary>
    public int MaxReaders { get; init; } = 32;

    /// <summary>Whether anything is recorded.</summary>
    public bool IsOn => Patterns.Length > 0;

    private string[] Patterns => Streams.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Whether a stream is recorded.</summary>
    public bool Records(string stream) => Patterns.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, stream, ignoreCase: false));

    /// <summary>Every mistake in these options, as sentences; empty if there is none.</summary>
    public IEnumerable<string> Validate()
    {
        if (IsOn && Directory.Length == 0)
            yield return "Recording.Directory must be a folder.";
        if (FlushInterval <= TimeSpan.Zero || FlushBytes < 1)
            yield return "Recording.FlushInterval must be more than 0, and Recording.FlushBytes 1 or more.";
        if (SegmentBytes < 1 || SegmentDuration <= TimeSpan.Zero)
            yield return "Recording.SegmentBytes must be 1 or more, and Recording.SegmentDuration more than 0.";
        if (KeepFor <= TimeSpan.Zero)
            yield return "Recording.KeepFor must be more than 0.";
        if (KeepBytes < 1 || KeepFreeBytes < 1)
            yield return "Recording.KeepBytes and Recording.KeepFreeBytes must be 1 or more.";
        if (CheckInterval <= TimeSpan.Zero || HeartbeatInterval <= TimeSpan.Zero)
            yield return "Recording.CheckInterval and Recording.HeartbeatInterval must be more than 0.";
        if (MaxReaders < 1)
            yield return "Recording.MaxReaders must be 1 or more.";
    }
}
