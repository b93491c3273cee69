using Framewire.Protocol.Log;
using Framewire.Protocol.Video;

namespace Framewire.Edge.Spooling;

/// <summary>One file of a spool, and what in it still has to be sent. Guarded by the spool's lock.</summary>
internal sealed class SpoolSegment(string path)
{
    public string Path => path;

    /// <summary>The writer, while it is the newest.</summary>
    public SegmentWriter? Writer { get; set; }

    /// <summary>What is in it and not acknowledged.</summary>
    public SequenceSet Waiting { get; } = new();

    /// <summary>Its size in bytes.</summary>
    public long Bytes { get; set; }

    /// <summary>When its newest frame was put there, by a clock that does not jump.</summary>
    public DateTimeOffset NewestAt { get; set; }
}
