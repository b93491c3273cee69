using Framewire.Protocol.Video;

namespace Framewire.Server.Streams;

/// <summary>One thing that happened on a stream, as its readers see it. Immutable; a frame inside is held by whoever was given the event.</summary>
public abstract record StreamEvent
{
    private StreamEvent()
    {
    }

    /// <summary>The frames that follow belong to this session.</summary>
    public sealed record Started(StreamSession Session) : StreamEvent;

    /// <summary>The next frame. The reader holds it and must release it.</summary>
    /// <param name="Session">The session that it belongs to.</param>
    /// <param name="Frame">The frame.</param>
    /// <param name="At">When it came, on the stream's own monotonic clock.</param>
    /// <param name="IsBackfill">Whether it fills in what later frames went ahead of: only lossless readers get those.</param>
    public sealed record Arrived(StreamSession Session, Frame Frame, TimeSpan At, bool IsBackfill = false) : StreamEvent;

    /// <summary>Sequences that this reader will not get.</summary>
    public sealed record Missed(StreamSession Session, Gap Gap) : StreamEvent;

    /// <summary>No frame will follow, and the publisher waits for the last ones to be processed: whoever holds any back hands them on.</summary>
    /// <param name="Session">The session.</param>
    /// <param name="Frames">How many frames had come that processors were to look at.</param>
    public sealed record Completing(StreamSession Session, long Frames) : StreamEvent;

    /// <summary>The publisher is gone; it may come back.</summary>
    public sealed record WentOffline(StreamSession Session, DateTimeOffset Since, bool Complete) : StreamEvent;
}
