using Framewire.Protocol.Video;

namespace Framewire.Edge.Links;

/// <summary>What the server said, whichever contract it speaks.</summary>
internal abstract record ServerWord
{
    /// <summary>It has the frame; its times are missing in a contract without them.</summary>
    public sealed record Acknowledged(ulong Sequence, bool Duplicate, ServerTimes Times = default) : ServerWord;

    /// <summary>Every frame of a run that was sent has come to a level; with what the processors made of the frame, if that is the level.</summary>
    public sealed record Reached(SequenceRun Run, PublishAck Level, IReadOnlyList<FrameResult> Results) : ServerWord;

    /// <summary>It will not take the frame.</summary>
    public sealed record Rejected(ulong Sequence, string Why) : ServerWord;

    /// <summary>It is alive.</summary>
    public sealed record Heartbeat : ServerWord;

    /// <summary>It is about to stop; connect again after a while.</summary>
    public sealed record Draining(TimeSpan ReconnectAfter) : ServerWord;
}

/// <summary>What the server said when the link was opened.</summary>
/// <param name="Held">What of this session it has at the level asked for.</param>
/// <param name="MaxFrameBytes">The largest payload it takes.</param>
/// <param name="RoundTrip">How long its answer took, without the time to connect; null if it has not said anything: a contract without a greeting shows only later whether somebody is there.</param>
internal readonly record struct LinkTerms(SequenceSet Held, int MaxFrameBytes, TimeSpan? RoundTrip);

/// <summary>
/// One gRPC call to the server, in one of the contracts. Owned by one <see cref="LinkRun"/>: one loop sends, one receives, and
/// reports may come from a third thread.
/// </summary>
internal abstract class PublishLink : IAsyncDisposable
{
    /// <summary>Whether the contract lets both ends say that they are alive when there is nothing else to say.</summary>
    public abstract bool HasHeartbeats { get; }

    /// <summary>Opens the call and learns where to resume.</summary>
    /// <param name="nextSequence">The lowest sequence that can still be sent.</param>
    /// <param name="cancellation">Ends the call.</param>
    public abstract Task<LinkTerms> OpenAsync(ulong nextSequence, CancellationToken cancellation);

    /// <summary>Tells the gaps, then sends the frame. The caller keeps its hold until this completes.</summary>
    public abstract Task SendAsync(Frame frame, IReadOnlyList<Gap> gaps, CancellationToken cancellation);

    /// <summary>
    /// Says "I am alive" and how the publisher does, in a contract that can; unless a frame is being sent, which says the former and
    /// must not wait for the latter.
    /// </summary>
    /// <param name="take">Makes the report; called only if it will be sent.</param>
    /// <param name="cancellation">Ends the call.</param>
    public abstract Task SendReportAsync(Func<SelfReport> take, CancellationToken cancellation);

    /// <summary>Tells gaps that no frame follows, in a contract that can.</summary>
    public abstract Task SendGapsAsync(IReadOnlyList<Gap> gaps, CancellationToken cancellation);

    /// <summary>Says that no frame will follow.</summary>
    public abstract Task CompleteAsync();

    /// <summary>The server's next word; null when it has ended the call with OK.</summary>
    public abstract ValueTask<ServerWord?> ReceiveAsync(CancellationToken cancellation);

    /// <summary>Ends the call, if it has not ended.</summary>
    public abstract ValueTask DisposeAsync();
}
