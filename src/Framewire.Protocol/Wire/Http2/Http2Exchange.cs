using System.IO.Pipelines;

namespace Framewire.Protocol.Wire.Http2;

/// <summary>
/// One call's HTTP/2 stream: its life from a place on a connection to the end of both directions. Owned by one call, whose reader and writer may use it at the
/// same time; the connection's reading loop brings what the server sends.
/// </summary>
internal sealed partial class Http2Exchange : HttpExchange
{
    private readonly RequestHead _request;
    private readonly CancellationToken _over;
    private readonly CancellationTokenRegistration _abort;
    private readonly TaskCompletionSource<PipeWriter> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<ResponseHead> _head = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private readonly Http2RequestWriter _writer;
    private Http2Connection? _connection;
    private StreamWindow? _window;
    private Exception? _failure;
    private int _number;
    private bool _sent;
    private bool _received;
    private bool _released;

    public Http2Exchange(Http2Transport transport, RequestHead request, CancellationToken over)
    {
        (_request, _over) = (request, over);
        _writer = new Http2RequestWriter(this);
        ResponseBody = new Http2ResponseReader(this, _body.Reader);
        // Whoever awaits it sees a failure; whoever does not shall not be told of an unobserved one.
        _ = _opened.Task.ContinueWith(static task => task.Exception, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously);
        _abort = over.UnsafeRegister(static exchange => ((Http2Exchange)exchange!).Abort(), this);
        _ = OpenAsync(transport);
    }

    public override Task<ResponseHead> Head => _head.Task;

    public override PipeReader ResponseBody { get; }

    /// <summary>Why the call ended before its time, if it did.</summary>
    public Exception? Failure
    {
        get
        {
            lock (_lock)
                return _failure;
        }
    }

    /// <summary>Cancelled when the call is over at this end.</summary>
    public CancellationToken Over => _over;

    /// <summary>The headers have left.</summary>
    public bool HasBegun => Volatile.Read(ref _number) != 0;

    public override Task<PipeWriter> OpenRequestBodyAsync(CancellationToken cancellation) => _opened.Task.WaitAsync(cancellation);

    public override async ValueTask CompleteRequestAsync()
    {
        try
        {
            await (await _opened.Task).CompleteAsync();
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or GrpcException)
        {
            // The call has ended; its status says why.
        }
    }

    public override Metadata ReadTrailers() => _trailers;

    public override GrpcException Explain(Exception failure) => TransportFailures.Explain(failure, unprocessed: false);

    public override ValueTask DisposeAsync()
    {
        _abort.Dispose();
        // What is still open is given up; a response that is all there needs no more request.
        Finish(new GrpcException(GrpcStatusCode.Cancelled, "The call was cancelled at this end."), Http2Error.Cancel);
        return default;
    }

    /// <summary>The connection was lost.</summary>
    public void Lose(Exception why) => Finish(TransportFailures.Explain(why, unprocessed: false), null);

    /// <summary>The server goes away and has not looked at this call (RFC 9113 section 6.8).</summary>
    public void Refuse() => Finish(TransportFailures.Explain(new IOException("GOAWAY"), unprocessed: true), null);

    private async Task OpenAsync(Http2Transport transport)
    {
        try
        {
            var connection = await transport.ReserveAsync(_over);
            lock (_lock)
            {
                (_connection, _window) = (connection, connection.Windows.Add());
            }
            if (Failure is not null)
                Release();
            else if (!_request.BodyFollows)
                await SendAsync(default, default, end: false, _over);
            _opened.TrySetResult(_writer);
        }
        catch (Exception e)
        {
            Finish(e is OperationCanceledException ? e : TransportFailures.Explain(e, unprocessed: false), null);
        }
    }

    private void Abort() => Finish(new OperationCanceledException(_over), Http2Error.Cancel);

    /// <summary>Ends the call before its time, unless it has ended; <paramref name="tell"/> is what the server hears of it.</summary>
    private void Finish(Exception failure, Http2Error? tell)
    {
        int number;
        bool complete;
        lock (_lock)
        {
            if (_failure is not null || (_sent && _received))
                return;
            // A response that is all there stays as it is: only the request ends here.
            complete = _received;
            if (complete)
                _sent = true;
            else
                _failure = failure;
            number = _number;
        }
        if (number != 0 && tell is { } error)
            _connection!.Reset(number, complete ? Http2Error.NoError : error);
        Release();
        if (!complete)
        {
            _head.TrySetException(failure);
            _body.Reader.CancelPendingRead();
        }
        // A write after the whole response has nobody to read it; the status is in the response.
        _opened.TrySetException(complete ? new GrpcException(GrpcStatusCode.Cancelled, "The server stopped reading this call; its status is at the end of the responses.") : failure);
        // Whoever awaits it sees it; whoever does not shall not be told of an unobserved one.
        _ = _head.Task.Exception;
    }

    /// <summary>Gives the place on the connection back, once.</summary>
    private void Release()
    {
        lock (_lock)
        {
            if (_released || _connection is null)
                return;
            _released = true;
        }
        _connection.Windows.Close(_window!);
        _connection.Release(_number);
    }
}
