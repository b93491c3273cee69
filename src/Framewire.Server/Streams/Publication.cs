using System.Diagnostics.CodeAnalysis;
using Framewire.Protocol.Video;

namespace Framewire.Server.Streams;

/// <summary>What became of a frame that was published.</summary>
public enum PublishOutcome
{
    /// <summary>In memory, and in the hands of every lossless reader.</summary>
    Received,

    /// <summary>Here already; this copy was dropped.</summary>
    Duplicate,

    /// <summary>Sequence 0, which is none.</summary>
    InvalidSequence,

    /// <summary>Another call has taken the stream over.</summary>
    Revoked,
}

/// <summary>
/// The right to put frames into a stream, held by one call at a time. Owned by that call, which disposes it; a newer call
/// revokes it.
/// </summary>
[SuppressMessage("Design", "CA2213", Justification = "A newer call may revoke this one just as it ends; a source without timer needs no disposal.")]
public sealed class Publication : IDisposable
{
    private readonly LiveStream _stream;
    private readonly CancellationTokenSource _revoked = new();

    internal Publication(LiveStream stream, StreamSession session, string peer, string agent)
    {
        _stream = stream;
        Session = session;
        Peer = peer;
        Agent = agent;
        Revoked = _revoked.Token;
    }

    /// <summary>The session that the frames belong to.</summary>
    public StreamSession Session { get; }

    /// <summary>Where the publisher connects from.</summary>
    public string Peer { get; }

    /// <summary>The publisher's program.</summary>
    public string Agent { get; }

    /// <summary>Cancelled when another call takes the stream over.</summary>
    public CancellationToken Revoked { get; }

    /// <summary>The call that took the stream over is of the same session: its publisher has connected again, or an old attempt of it came late.</summary>
    public bool WasReconnected { get; private set; }

    /// <summary>
    /// Puts a numbered frame into the stream, waiting for lossless readers only. Takes over the caller's hold on the frame,
    /// whatever the outcome.
    /// </summary>
    public ValueTask<PublishOutcome> PublishAsync(Frame frame, CancellationToken cancellation) =>
        _stream.PublishAsync(this, frame, cancellation);

    /// <summary>Tells of sequences that will not come.</summary>
    public void Report(Gap gap) => _stream.Report(this, gap);

    /// <summary>Keeps what the publisher says of itself, until it says something else or another session begins.</summary>
    public void TakeIn(PublisherReport report) => _stream.TakeIn(this, report);

    /// <summary>Counts a frame that was refused.</summary>
    public void CountRejected() => _stream.CountRejected(this);

    /// <summary>Ends the publication: the stream goes offline, unless another call has taken it over.</summary>
    /// <param name="complete">Whether the publisher said that it was done.</param>
    /// <param name="since">Since when; null for now.</param>
    public void End(bool complete, DateTimeOffset? since = null) => _stream.End(this, complete, since);

    /// <summary>Ends the publication as broken, if it was not ended before.</summary>
    public void Dispose() => End(complete: false);

    internal void TakenOverBy(StreamSession session) => WasReconnected = session == Session;

    internal void Revoke() => _revoked.Cancel();
}
