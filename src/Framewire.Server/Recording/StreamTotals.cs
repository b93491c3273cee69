using Framewire.Protocol.Video;

namespace Framewire.Server.Recording;

/// <summary>The sums over a stream's files. Immutable.</summary>
internal sealed record StreamTotals
{
    /// <summary>The stream's name.</summary>
    public required string Stream { get; init; }

    /// <summary>When the earliest frame was captured.</summary>
    public DateTimeOffset FirstCapturedAt { get; init; } = DateTimeOffset.MaxValue;

    /// <summary>When the latest was.</summary>
    public DateTimeOffset LastCapturedAt { get; init; } = DateTimeOffset.MinValue;

    /// <summary>Frames.</summary>
    public long Frames { get; init; }

    /// <summary>Bytes on disk.</summary>
    public long Bytes { get; init; }

    /// <summary>Files.</summary>
    public int Segments { get; init; }

    /// <summary>What the newest frames look like; null without any.</summary>
    public StreamFormat? Format { get; init; }

    /// <summary>With one file more.</summary>
    public StreamTotals With(SegmentRow row) => this with
    {
        FirstCapturedAt = row.FirstCapturedAt < FirstCapturedAt ? row.FirstCapturedAt : FirstCapturedAt,
        LastCapturedAt = row.LastCapturedAt > LastCapturedAt ? row.LastCapturedAt : LastCapturedAt,
        Frames = Frames + row.Frames,
        Bytes = Bytes + row.Bytes,
        Segments = Segments + 1,
        Format = Format is null || row.LastCapturedAt >= LastCapturedAt ? row.Header.Format : Format,
    };
}
