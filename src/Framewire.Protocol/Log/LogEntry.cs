using Framewire.Protocol.Video;

namespace Framewire.Protocol.Log;

/// <summary>One thing in a segment; frames are in the order of their sequences. Immutable; a frame inside is held by whoever was given the entry.</summary>
public abstract record LogEntry
{
    private LogEntry()
    {
    }

    /// <summary>A frame.</summary>
    public sealed record Picture(Frame Frame) : LogEntry;

    /// <summary>Sequences that will never come.</summary>
    public sealed record Missing(LogGap Gap) : LogEntry;

    /// <summary>What processors made of a frame, which may be in an earlier chunk or segment. Written by itself, read by itself.</summary>
    public sealed record Results(FrameResults Of) : LogEntry;
}

/// <summary>A run of sequences that will never come, why, and when they would have been captured.</summary>
/// <param name="Gap">The sequences and the reason.</param>
/// <param name="From">When the last frame before it was captured; default if that is not known.</param>
/// <param name="Until">When the first frame after it was captured; default if that is not known.</param>
public readonly record struct LogGap(Gap Gap, DateTimeOffset From, DateTimeOffset Until);
