using System.IO.Pipelines;

namespace Framewire.Protocol.Wire;

/// <summary>
/// What a reader and a writer of messages need of the call they belong to: its two pipes, its compression, and what a failure means at this end.
/// Owned by the call; the reader and the writer may use it at the same time from two threads.
/// </summary>
internal abstract class CallSide(WireOptions options)
{
    private JoinedToken? _reading;
    private JoinedToken? _writing;

    public WireOptions Options { get; } = options;

    /// <summary>The token of each read.</summary>
    public JoinedToken Reading => _reading ??= new JoinedToken(Over);

    /// <summary>The token of each write.</summary>
    public JoinedToken Writing => _writing ??= new JoinedToken(Over);

    /// <summary>Cancelled when the call is over at this end, whatever the reason.</summary>
    public abstract CancellationToken Over { get; }

    /// <summary>The peer's messages, once there is something to read from; null if the peer will send none.</summary>
    public abstract ValueTask<PipeReader?> OpenReaderAsync(CancellationToken cancellation);

    /// <summary>The messages to the peer, once there is something to write to.</summary>
    public abstract ValueTask<PipeWriter> OpenWriterAsync(CancellationToken cancellation);

    /// <summary>The peer announced gzip in <c>grpc-encoding</c>. Asked only after the reader is open.</summary>
    public abstract bool PeerCompresses { get; }

    /// <summary>Nothing can be sent any more: throws what there is to say about it. A pipe alone may take bytes for nothing after its end.</summary>
    public abstract void ThrowIfEnded();

    /// <summary>We announced gzip and the peer takes it. Asked only after the writer is open.</summary>
    public abstract bool MayCompress { get; }

    /// <summary>The message read last came compressed. Set by the reader.</summary>
    public bool LastMessageWasCompressed { get; set; }

    /// <summary>The peer has sent its last message. The client looks at the status here.</summary>
    /// <exception cref="GrpcException">The call ended with another status than OK.</exception>
    public abstract ValueTask ReadingEndedAsync(CancellationToken cancellation);

    /// <summary>The call is over: lets go of the callers' tokens.</summary>
    protected void ReleaseTokens()
    {
        _reading?.Release();
        _writing?.Release();
    }

    /// <summary>The exception to throw in place of what a pipe threw (null: it only said that it was interrupted). Ends the call where that is called for.</summary>
    public abstract ValueTask<Exception> ExplainReadAsync(Exception? failure, CancellationToken cancellation);

    /// <summary>The same for a write.</summary>
    public abstract ValueTask<Exception> ExplainWriteAsync(Exception? failure, CancellationToken cancellation);
}
