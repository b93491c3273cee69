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

    /// <summary>The session has as many holes as it may.</summary>
    TooScattered,

    /// <summary>Another call has taken the stream over.</summary>
    Revoked,
}

/// <summary>What a call wants to be told of its frames, beyond that they were received.</summary>
[Flags]
public enum AwaitedAcks
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>When the processors have answered, and what.</summary>
    Processed = 1,

    /// <summary>When they are on disk.</summary>
    Persisted = 2,
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
    private readonly AwaitedAcks _await;

    internal Publication(LiveStream stream, StreamSession session, string peer, string agent, AwaitedAcks acks, string owner)
    {
        (_await, Owner) = (acks, owner);
        ProcessedAcks = acks.HasFlag(AwaitedAcks.Processed) ? new ProcessedAcks() : null;
        _stream = stream;
        Session = session;
        Peer = peer;
        Agent = agent;
        Revoked = _revoked.Token;
    }

    /// <summary>The stream's name.</summary>
    public string StreamName => _stream.Name;

    /// <summary>Whose credentials it came with.</summary>
    public string Owner { get; }

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

    /// <summary>Called, on any thread, when the stream is recorded again after a pause: what came meanwhile is missing on disk.</summary>
    public Action? RecordingResumed { get; set; }

    /// <summary>What is not on disk yet. Guarded by the stream's lock.</summary>
    internal PersistedAcks Acks { get; } = new();

    /// <summary>What is not processed yet; null if the call does not ask. Guarded by the stream's lock.</summary>
    internal ProcessedAcks? ProcessedAcks { get; }

    /// <summary>The next of this call's frames that are processed, in the order in which they came; none when no frame will follow and all are.</summary>
    public Task<IReadOnlyList<FrameResults>> NextProcessedAsync(CancellationToken cancellation) => _stream.NextProcessedAsync(this, cancellation);

    /// <summary>
    /// The next runs of this call's frames that are on disk; none when the call has said that no frame will follow and all are there, or
    /// those that are not will never be.
    /// </summary>
    public Task<IReadOnlyList<SequenceRun>> NextPersistedAsync(CancellationToken cancellation) => _stream.NextPersistedAsync(this, cancellation);

    /// <summary>What of the session need not be sent again; the first runs of it.</summary>
    /// <param name="level">By who wants it so far.</param>
    /// <param name="most">The most runs.</param>
    public IReadOnlyList<SequenceRun> Held(HeldLevel level, int most) => _stream.Held(Session, level, most);

    /// <summary>The highest sequence of the session that is processed; 0 if none is.</summary>
    public ulong ProcessedSequence => _stream.ProcessedSequence(Session);

    /// <summary>The highest sequence of the session that is on disk; 0 if none is.</summary>
    public ulong PersistedSequence => _stream.PersistedSequence(Session);

    /// <summary>This call's frames that are not on disk.</summary>
    public ulong Unpersisted => _stream.Unpersisted(this);

    /// <summary>Says that no frame will follow.</summary>
    public void NoMore() => _stream.NoMore(this);

    /// <summary>
    /// Puts a numbered frame into the stream, waiting for lossless readers only. Takes over the caller's hold on the frame,
    /// whatever the outcome.
    /// </summary>
    public ValueTask<PublishOutcome> PublishAsync(Frame frame, CancellationToken cancellation) =>
        _stream.PublishAsync(this, frame, cancellation);

    /// <summary>A frame that has come whole just now, with the time and, if it is its turn, its trace.</summary>
    public Frame Received(Frame frame, DateTimeOffset at) => frame with { ReceivedAt = at, Trace = _stream.LevelTimes?.Begin(StreamName, Session, frame, at) };

    /// <summary>Waits until lossless readers have room. What a lossless publisher reports without that may get lost, and it says it once.</summary>
    public ValueTask ReadersHaveRoomAsync(CancellationToken cancellation) => _stream.WaitForLosslessReadersAsync(bytes: 0, cancellation);

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

    /// <summary>A frame has come. Under the stream's lock.</summary>
    internal void AwaitPersisted(ulong sequence, bool isRecorded)
    {
        if (!_await.HasFlag(AwaitedAcks.Persisted))
            return;
        Acks.Await(sequence, Session.Persisted);
        if (!isRecorded)
            Acks.Stopped();
    }

    internal void TakenOverBy(StreamSession session) => WasReconnected = session == Session;

    internal void Revoke() => _revoked.Cancel();
}
