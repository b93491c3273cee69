using Framewire.Protocol.Video;

namespace Framewire.Protocol.Log;

/// <summary>What a whole segment is of: one stream, one session, one format.</summary>
/// <param name="Stream">The stream's name.</param>
/// <param name="Session">The session's identifier.</param>
/// <param name="SessionStartedAt">When the publisher began the session, by its own clock.</param>
/// <param name="Format">What its frames look like.</param>
/// <param name="HeldThrough">Every sequence of the session up to this one was safe, or known to be missing, when the segment began; it may have been deleted since.</param>
public sealed record SegmentHeader(
    string Stream, string Session, DateTimeOffset SessionStartedAt, StreamFormat Format, ulong HeldThrough = 0);
