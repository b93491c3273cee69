using Framewire.Protocol.Log;
using Framewire.Protocol.Video;

namespace Framewire.Server.Recording;

/// <summary>One file as the catalogue knows it. Immutable.</summary>
internal sealed record SegmentRow
{
    /// <summary>Its key in the catalogue.</summary>
    public required long Id { get; init; }

    /// <summary>Its name in the stream's folder.</summary>
    public required string File { get; init; }

    /// <summary>What it is of.</summary>
    public required SegmentHeader Header { get; init; }

    /// <summary>The first sequence in it; 0 if it has no frame yet.</summary>
    public ulong FirstSequence { get; init; }

    /// <summary>The last one.</summary>
    public ulong LastSequence { get; init; }

    /// <summary>When the earliest frame was captured.</summary>
    public DateTimeOffset FirstCapturedAt { get; init; }

    /// <summary>When the latest was.</summary>
    public DateTimeOffset LastCapturedAt { get; init; }

    /// <summary>Frames in it.</summary>
    public long Frames { get; init; }

    /// <summary>Its size in bytes.</summary>
    public long Bytes { get; init; }

    /// <summary>Whether it is no longer written.</summary>
    public bool IsClosed { get; init; }

    /// <summary>The gaps noted in it.</summary>
    public IReadOnlyList<LogGap> Gaps { get; init; } = [];

    /// <summary>The sequences in it; known while it is written, and when it is closed.</summary>
    public IReadOnlyList<SequenceRun> Runs { get; init; } = [];

    /// <summary>What it has of results; known while it is written, and when it is closed.</summary>
    public SegmentResults Results { get; init; } = SegmentResults.None;

    /// <summary>With what a look into the file told.</summary>
    public SegmentRow With(SegmentSummary summary) => this with
    {
        FirstSequence = summary.FirstSequence,
        LastSequence = summary.LastSequence,
        FirstCapturedAt = summary.FirstCapturedAt,
        LastCapturedAt = summary.LastCapturedAt,
        Frames = summary.Frames,
        Bytes = summary.Bytes,
        IsClosed = summary.IsClosed,
        Gaps = summary.Gaps,
        Runs = summary.Runs,
        Results = summary.Results,
    };
}
