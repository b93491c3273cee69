using Framewire.Protocol.Video;

namespace Framewire.Protocol.Log;

/// <summary>What is in a segment, without its pictures.</summary>
public sealed record SegmentSummary
{
    /// <summary>What it is of.</summary>
    public required SegmentHeader Header { get; init; }

    /// <summary>The first sequence in it; 0 if it has no frame.</summary>
    public required ulong FirstSequence { get; init; }

    /// <summary>The last sequence in it; 0 if it has no frame.</summary>
    public required ulong LastSequence { get; init; }

    /// <summary>When the earliest frame was captured.</summary>
    public required DateTimeOffset FirstCapturedAt { get; init; }

    /// <summary>When the latest frame was captured.</summary>
    public required DateTimeOffset LastCapturedAt { get; init; }

    /// <summary>Frames in it.</summary>
    public required long Frames { get; init; }

    /// <summary>The file's size in bytes.</summary>
    public required long Bytes { get; init; }

    /// <summary>The gaps noted in it, in order.</summary>
    public required IReadOnlyList<LogGap> Gaps { get; init; }

    /// <summary>The sequences in it, as runs without a hole, in order.</summary>
    public required IReadOnlyList<SequenceRun> Runs { get; init; }

    /// <summary>What processors made of frames, in short.</summary>
    public SegmentResults Results { get; init; } = SegmentResults.None;

    /// <summary>Whether there is neither a frame nor a result in it.</summary>
    public bool IsEmpty => Frames == 0 && Results.Frames == 0;

    /// <summary>Whether the file was closed in order.</summary>
    public required bool IsClosed { get; init; }

    /// <summary>What is wrong with the file, for people, with the offset; empty if nothing is.</summary>
    public required IReadOnlyList<string> Damage { get; init; }
}
