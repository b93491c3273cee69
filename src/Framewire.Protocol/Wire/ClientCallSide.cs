using System.IO.Pipelines;

namespace Framewire.Protocol.Wire;

/// <summary>
/// The client's end of a call: keeps its deadline, watches for cancellation, and finds the one status that it ends with. Owned by one
/// <see cref="ClientCall{TRequest,TResponse}"/>; its reader and its writer may use it at the same time.
/// </summary>
internal sealed class ClientCallSide : CallSide, IAsyncDisposable
{
    /// <summary>How long a failed write waits for the status that explains it: the server sends it just before it stops reading.</summary>
    private static readonly TimeSpan StatusGrace = TimeSpan.FromMilliseconds(500);

    private readonly CancellationTokenSource _over;
    private readonly CancellationTokenSource? _deadline;
    private readonly CancellationToken _caller;
    private readonly TimeProvider _time;
    private readonly HttpExchange _exchange;
    private readonly TaskCompletionSource<GrpcException?> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly bool _announcedGzip;
    private readonly CancellationTokenRegistration _disposal;
    private ResponseHead? _head;
    private int _disposed;

    public ClientCallSide(
        HttpTransport transport, string path, CallKind kind, CallOptions call, ClientConnectionOptions options, CancellationToken disposal, CancellationToken caller)
        : base(options.Wire)
    {
        (_caller, _time, _announcedGzip) = (caller, options.Time, call.Compress);
        _over = CancellationTokenSource.CreateLinkedTokenSource(caller);
        if (call.Timeout is { } timeout && timeout < TimeSpan.FromMilliseconds(uint.MaxValue - 1))
        {
            _deadline = new CancellationTokenSource(timeout > TimeSpan.Zero ? timeout : TimeSpan.Zero, options.Time);
            if (timeout <= TimeSpan.Zero)
                _deadline.Cancel();
            _deadline.Token.UnsafeRegister(static side => ((ClientCallSide)side!).End(
                new GrpcException(GrpcStatusCode.DeadlineExceeded, "The deadline passed.")), this);
        }
        _disposal = disposal.UnsafeRegister(static side => ((ClientCallSide)side!).End(
            new GrpcException(GrpcStatusCode.Cancelled, "The connection was disposed at this end.")), this);
        _exchange = transport.Open(new RequestHead(path, CallHeaders.For(call, options), kind is CallKind.Unary or CallKind.ServerStreaming), _over.Token);
        ResponseHeaders = ReadHeadAsync();
        // Whoever awaits it sees a failure; whoever does not shall not be told of an unobserved one.
        _ = ResponseHeaders.ContinueWith(static task => task.Exception, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously);
    }

    public override CancellationToken Over => _over.Token;

    public Task<Metadata> ResponseHeaders { get; }

    public Metadata Trailers { get; private set; } = new();

    /// <summary>The status, or null while the call goes on.</summary>
    public GrpcStatus? Status => !_outcome.Task.IsCompletedSuccessfully ? null : _outcome.Task.Result?.Status ?? GrpcStatus.Ok;

    public override bool PeerCompresses => _head?.Headers.Get("grpc-encoding") == GzipCoding.Name;

    public override bool MayCompress => _announcedGzip;

    public void Cancel() => End(new GrpcException(GrpcStatusCode.Cancelled, "The call was cancelled at this end."));

    public ValueTask CompleteAsync() => _exchange.CompleteRequestAsync();

    public override async ValueTask<PipeReader?> OpenReaderAsync(CancellationToken cancellation)
    {
        await ResponseHeaders.WaitAsync(cancellation);
        return _exchange.ResponseBody;
    }

    public override async ValueTask<PipeWriter> OpenWriterAsync(CancellationToken cancellation) => await _exchange.OpenRequestBodyAsync(cancellation);

    public override void ThrowIfEnded()
    {
        if (_outcome.Task.IsCompleted && _outcome.Task.Result is not null)
            throw Ending();
        _caller.ThrowIfCancellationRequested();
    }

    public override ValueTask ReadingEndedAsync(CancellationToken cancellation)
    {
        if (!_outcome.Task.IsCompleted)
            EndAsReceived();
        ThrowIfEnded();
        return default;
    }

    public override ValueTask<Exception> ExplainReadAsync(Exception? failure, CancellationToken cancellation)
    {
        if (failure is OperationCanceledException && cancellation.IsCancellationRequested && !_over.IsCancellationRequested)
        {
            Cancel();
            return new(failure);
        }
        if (!_outcome.Task.IsCompleted && !_caller.IsCancellationRequested)
            End(failure is null ? new GrpcException(GrpcStatusCode.Cancelled, "The call was cancelled.") : _exchange.Explain(failure));
        return new(Ending());
    }

    public override async ValueTask<Exception> ExplainWriteAsync(Exception? failure, CancellationToken cancellation)
    {
        // Once the call is over a write may fail in any way; until then, what is not of the transport is the caller's own.
        if (!_over.IsCancellationRequested && failure is not (null or IOException or OperationCanceledException or ObjectDisposedException or HttpRequestException or GrpcException))
            return failure;
        if (failure is OperationCanceledException && cancellation.IsCancellationRequested && !_over.IsCancellationRequested)
        {
            Cancel();
            return failure;
        }
        if (!_outcome.Task.IsCompleted && !_caller.IsCancellationRequested)
        {
            // Usually the server has answered and stopped reading. Its answer says more than the broken pipe does, and is the reader's to find but where it is
            // all that there is: then nobody needs to be reading.
            var grace = Task.Delay(StatusGrace, _time, cancellation);
            await Task.WhenAny(_outcome.Task, ResponseHeaders, grace);
            if (!_outcome.Task.IsCompleted && _head?.Headers.Get("grpc-status") is not null)
                EndAsReceived();
            await Task.WhenAny(_outcome.Task, grace);
        }
        if (_outcome.Task.IsCompleted || _caller.IsCancellationRequested)
            return Ending();
        return failure is IOException or HttpRequestException or GrpcException
            ? _exchange.Explain(failure)
            : new GrpcException(GrpcStatusCode.Cancelled, "The server stopped reading this call; its status is at the end of the responses.", failure);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        Cancel();
        ReleaseTokens();
        _disposal.Dispose();
        await _exchange.DisposeAsync();
        _deadline?.Dispose();
        _over.Dispose();
    }

    /// <summary>Settles the status as the whole response has it.</summary>
    private void EndAsReceived()
    {
        var trailers = _exchange.ReadTrailers();
        // Trailers-Only: the status is in the headers, and there was no body. A status there and a body besides contradict each other: the trailers count.
        var found = trailers.Get("grpc-status") is null && _head!.Headers.Get("grpc-status") is not null ? _head.Headers : trailers;
        Trailers = found.WithoutReserved();
        End(ResponseRules.Outcome(_head!, found, Trailers));
    }

    /// <summary>Settles the status if it is not settled yet; anything but the server's own end resets the HTTP/2 stream.</summary>
    private void End(GrpcException? failure)
    {
        if (!_outcome.TrySetResult(failure) || failure is null)
            return;
        _over.Cancel();
    }

    /// <summary>Never a thrown exception twice: each thrower gets its own, with the status that the call ended with.</summary>
    private Exception Ending()
    {
        if (_outcome.Task.IsCompleted && _outcome.Task.Result is { } failure)
            return new GrpcException(failure.Status, failure.Trailers, failure) { Unprocessed = failure.Unprocessed, HttpStatus = failure.HttpStatus };
        return _caller.IsCancellationRequested
            ? new OperationCanceledException("The call was cancelled at this end.", _caller)
            : new GrpcException(GrpcStatusCode.Cancelled, "The server ended the call with OK before this message.");
    }

    private async Task<Metadata> ReadHeadAsync()
    {
        try
        {
            _head = await _exchange.Head;
        }
        catch (Exception e) when (e is GrpcException or OperationCanceledException)
        {
            throw await ExplainReadAsync(e, default);
        }
        if (ResponseRules.Refusal(_head) is { } refusal)
        {
            End(refusal);
            throw Ending();
        }
        return _head.Headers.WithoutReserved();
    }
}
