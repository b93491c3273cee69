using Framewire.Protocol.Video;

namespace Framewire.Server.Streams;

/// <summary>What a publisher last said of itself: counts of its session, and times since the report before. Its word, which nobody has checked.</summary>
/// <param name="Captured">Frames captured.</param>
/// <param name="Acked">Frames that were acknowledged to it.</param>
/// <param name="Waiting">Frames queued there or in flight.</param>
/// <param name="Drops">Frames it dropped, by reason.</param>
/// <param name="AckP50">From sending a frame to its ack, median; zero if there was no ack.</param>
/// <param name="AckP99">The same, 99th percentile.</param>
/// <param name="QueueP50">From capturing a frame to sending it, median; zero if none was sent.</param>
/// <param name="ClockOffset">This server's clock minus the publisher's; zero if it does not know.</param>
public sealed record PublisherReport(
    ulong Captured,
    ulong Acked,
    ulong Waiting,
    IReadOnlyDictionary<DropReason, ulong> Drops,
    TimeSpan AckP50,
    TimeSpan AckP99,
    TimeSpan QueueP50,
    TimeSpan ClockOffset);
