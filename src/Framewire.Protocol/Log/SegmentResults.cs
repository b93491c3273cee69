namespace Framewire.Protocol.Log;

/// <summary>What a segment has of one label of one processor. Immutable.</summary>
/// <param name="Processor">The processor's name.</param>
/// <param name="Label">The label.</param>
/// <param name="Frames">Frames in which it was seen.</param>
/// <param name="MaxScore">The highest score.</param>
public sealed record LabelSum(string Processor, string Label, long Frames, float MaxScore);

/// <summary>What a segment has of results, to know without reading them. They may be of frames in earlier segments.</summary>
public sealed record SegmentResults
{
    /// <summary>The most labels that are kept.</summary>
    public const int MaxLabels = 256;

    /// <summary>None.</summary>
    public static SegmentResults None { get; } = new();

    /// <summary>Frames of which it has results.</summary>
    public long Frames { get; init; }

    /// <summary>When the earliest of these frames was captured.</summary>
    public DateTimeOffset FirstCapturedAt { get; init; }

    /// <summary>When the latest was.</summary>
    public DateTimeOffset LastCapturedAt { get; init; }

    /// <summary>What was seen, in the order in which it was first seen.</summary>
    public IReadOnlyList<LabelSum> Labels { get; init; } = [];

    /// <summary>Whether there are more labels than are kept.</summary>
    public bool HasMoreLabels { get; init; }
}
