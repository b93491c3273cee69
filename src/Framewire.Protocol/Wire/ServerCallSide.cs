using System.IO.Pipelines;

namespace Framewire.Protocol.Wire;

/// <summary>Why a call at the server is over before its handler said so.</summary>
internal enum ServerCallEnd
{
    /// <summary>It is not over.</summary>
    None,
    /// <summary>The client reset it, or the connection was lost.</summary>
    PeerGone,
    Deadline,
    /// <summary>The time for draining ran out.</summary>
    Shutdown,
    /// <summary>Whom it is from no longer holds.</summary>
    Identity,
}

/// <summary>
/// The server's end of a call: its pipes, when it is over, and what to announce in the response headers. Owned by one dispatcher run; the
/// handler's reader and writer may use it at the same time.
/// </summary>
internal sealed class ServerCallSide : CallSide, IDisposable
{
    private readonly ServerExchange _exchange;
    private readonly PipeReader _requests;
    private readonly PipeWriter _responses;
#pragma warning disable CA2213 // Holds nothing, and is looked at after the end.
    private readonly CancellationTokenSource _over = new();
#pragma warning restore CA2213
    private readonly TaskCompletionSource _whenOver = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource? _deadline;
    private readonly CancellationTokenRegistration[] _registrations;
    private readonly bool _clientTakesGzip;
    private readonly Lock _identifying = new();
    private CancellationTokenRegistration _identityEnds;
    private CallIdentity? _identity;
    private bool _compressionAnnounced;
    private int _end;

    public ServerCallSide(ServerExchange exchange, WireOptions options, TimeSpan? timeout, TimeProvider time, CancellationToken shutdown)
        : base(options)
    {
        (_exchange, _requests, _responses, Time) = (exchange, exchange.RequestBody, exchange.ResponseBody, time);
        PeerCompresses = exchange.RequestHeader("grpc-encoding") == GzipCoding.Name;
        _clientTakesGzip = GzipCoding.IsAcceptedBy(exchange.RequestHeader("grpc-accept-encoding"));
        // A timer cannot wait longer than this; a call of 49 days may well run on.
        _deadline = timeout is { } limit && limit < TimeSpan.FromMilliseconds(uint.MaxValue - 1) ? new CancellationTokenSource(limit, time) : null;
        _registrations =
        [
            exchange.Aborted.UnsafeRegister(static side => ((ServerCallSide)side!).End(ServerCallEnd.PeerGone), this),
            shutdown.UnsafeRegister(static side => ((ServerCallSide)side!).End(ServerCallEnd.Shutdown), this),
            _deadline?.Token.UnsafeRegister(static side => ((ServerCallSide)side!).End(ServerCallEnd.Deadline), this) ?? default,
        ];
    }

    public override CancellationToken Over => _over.Token;

    /// <summary>Who the call is from: it ends with that.</summary>
    public CallIdentity? Identity
    {
        get
        {
            lock (_identifying)
                return _identity;
        }

        set
        {
            lock (_identifying)
            {
                _identityEnds.Unregister();
                _identity = value;
                _identityEnds = value?.Ended.UnsafeRegister(static side => ((ServerCallSide)side!).End(ServerCallEnd.Identity), this) ?? default;
            }
        }
    }

    /// <summary>How long the only request of the call may take to come whole.</summary>
    public TimeSpan RequestTimeout { get; init; } = Timeout.InfiniteTimeSpan;

    public TimeProvider Time { get; }

    /// <summary>Done when <see cref="Over"/> is cancelled.</summary>
    public Task WhenOver => _whenOver.Task;

    public ServerCallEnd Ended => (ServerCallEnd)Volatile.Read(ref _end);

    /// <summary>Set by the dispatcher for the call's headers.</summary>
    public Metadata? ResponseHeaders { get; set; }

    /// <summary>The answer has headers of its own, apart from its trailers.</summary>
    public bool HeadersAdded { get; private set; }

    public bool CompressResponses { get; set; }

    public override bool PeerCompresses { get; }

    public override bool MayCompress => _compressionAnnounced;

    public override ValueTask<PipeReader?> OpenReaderAsync(CancellationToken cancellation)
    {
        Over.ThrowIfCancellationRequested();
        return new(_requests);
    }

    public override ValueTask<PipeWriter> OpenWriterAsync(CancellationToken cancellation)
    {
        ThrowIfEnded();
        AddHeaders();
        return new(_responses);
    }

    public override void ThrowIfEnded() => Over.ThrowIfCancellationRequested();

    public override ValueTask ReadingEndedAsync(CancellationToken cancellation) => default;

    public override ValueTask<Exception> ExplainReadAsync(Exception? failure, CancellationToken cancellation) => new(Explain(failure, cancellation));

    public override ValueTask<Exception> ExplainWriteAsync(Exception? failure, CancellationToken cancellation) => new(Explain(failure, cancellation));

    /// <summary>Puts the headers of an answer with messages in place, once, before anything is flushed.</summary>
    public void AddHeaders()
    {
        if (HeadersAdded)
            return;
        HeadersAdded = true;
        _compressionAnnounced = CompressResponses && _clientTakesGzip;
        if (_compressionAnnounced)
            _exchange.AddHeader("grpc-encoding", GzipCoding.Name);
        _exchange.AddHeader("grpc-accept-encoding", GzipCoding.Accepted);
        foreach (var (name, value) in ResponseHeaders ?? [])
            _exchange.AddHeader(name, value);
    }

    public void Dispose()
    {
        // Not waiting for those that run: one of them may be what this runs in. They find nothing to do.
        foreach (var registration in _registrations)
            registration.Unregister();
        lock (_identifying)
            _identityEnds.Unregister();
        ReleaseTokens();
        _deadline?.Dispose();
    }

    private void End(ServerCallEnd end)
    {
        if (Interlocked.CompareExchange(ref _end, (int)end, (int)ServerCallEnd.None) != (int)ServerCallEnd.None)
            return;
        _whenOver.TrySetResult();
        // Last of all, since what waits may go on, and the whole call end, within this line.
        _over.Cancel();
    }

    private Exception Explain(Exception? failure, CancellationToken cancellation)
    {
        if (failure is not (null or IOException or OperationCanceledException or ObjectDisposedException))
            return failure;
        if (failure is OperationCanceledException && cancellation.IsCancellationRequested && !Over.IsCancellationRequested)
            return failure;
        // What is left is the transport: gone, whether or not it has said so itself by now.
        End(ServerCallEnd.PeerGone);
        return new OperationCanceledException("The call is over.", failure, Over);
    }
}
