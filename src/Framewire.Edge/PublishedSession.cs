using Framewire.Protocol.Video;

namespace Framewire.Edge;

/// <summary>One numbering run that a publisher sends: its own, or one that an earlier run left in the spool.</summary>
internal sealed class PublishedSession(Outbox outbox, string id, DateTimeOffset startedAt)
{
    /// <summary>Its frames.</summary>
    public Outbox Outbox => outbox;

    /// <summary>Its identifier.</summary>
    public string Id { get; set; } = id;

    /// <summary>When it began.</summary>
    public DateTimeOffset StartedAt { get; set; } = startedAt;

    /// <summary>What its frames look like; null until the source is open.</summary>
    public StreamFormat? Format { get; set; }

    /// <summary>What the source's times begin at, in the session's.</summary>
    public TimeSpan PtsOffset { get; set; }
}
