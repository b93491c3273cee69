namespace Framewire.Edge;

/// <summary>Where and how much of what is not acknowledged yet is kept on disk.</summary>
public sealed record SpoolOptions
{
    /// <summary>The folder, for any number of streams; empty for no spool.</summary>
    public string Directory { get; init; } = "";

    /// <summary>Whether there is a spool.</summary>
    public bool IsOn => Directory.Length > 0;

    /// <summary>Bytes kept at most for the stream; then the oldest frames fall out.</summary>
    public long MaxBytes { get; init; } = 10L << 30;

    /// <summary>Frames older than this fall out; null for never.</summary>
    public TimeSpan? MaxAge { get; init; }

    /// <summary>The fullest that the spool makes its disk, in percent; then the oldest frames fall out.</summary>
    public double MaxDiskPercent { get; init; } = 90;

    /// <summary>Frames are safe from a power cut after this long: an fsync each time. A crash of the program takes none.</summary>
    public TimeSpan FlushInterval { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>A file of the spool is closed at this size; it is deleted when all of it is acknowledged.</summary>
    public long SegmentBytes { get; init; } = 16L << 20;

    /// <summary>Strictly in order, and not what is new first.</summary>
    public bool InOrder { get; init; }

    /// <summary>How fast to send what has waited, bytes a second, while new frames go first; null for whatever the link leaves.</summary>
    public long? BacklogBytesPerSecond { get; init; }

    /// <summary>Every mistake in these options, as sentences; empty if there is none.</summary>
    public IEnumerable<string> Validate()
    {
        if (MaxBytes < 1 << 20)
            yield return "Publisher.Spool.MaxBytes must be 1048576 (1 MiB) or more.";
        if (MaxAge <= TimeSpan.Zero)
            yield return "Publisher.Spool.MaxAge must be more than 0.";
        if (MaxDiskPercent is <= 0 or > 100 or double.NaN)
            yield return "Publisher.Spool.MaxDiskPercent must be more than 0 and at most 100.";
        if (FlushInterval <= TimeSpan.Zero)
            yield return "Publisher.Spool.FlushInterval must be more than 0.";
        if (SegmentBytes < 1)
            yield return "Publisher.Spool.SegmentBytes must be 1 or more.";
        if (BacklogBytesPerSecond is < 1)
            yield return "Publisher.Spool.BacklogBytesPerSecond must be 1 or more.";
    }
}
