using System.IO.Pipelines;

namespace Framewire.Protocol.Wire.Http2;

/// <summary>The response's way in. By the connection's reading loop, but for <see cref="ReturnWindow"/>.</summary>
internal sealed partial class Http2Exchange
{
    // Nothing waits for room here: the window bounds what the server may send before the call has looked at it.
    private readonly Pipe _body = new(new PipeOptions(pauseWriterThreshold: 0, resumeWriterThreshold: 0, useSynchronizationContext: false));
    private Metadata _trailers = new();
    private int _unread;
    private int _unreturned;

    /// <summary>Whether DATA may come now: after the head, within the window. Counts it, padding included.</summary>
    public bool TakesData(int length)
    {
        if (Failure is not null)
            return false;
        if (!_head.Task.IsCompletedSuccessfully || _received)
            Refuse("DATA where there may be none", Http2Error.ProtocolError);
        else if (Interlocked.Add(ref _unread, length) > _connection!.Options.StreamWindowBytes)
            Refuse("more than the window of the call", Http2Error.FlowControlError);
        else
            return true;
        return false;
    }

    /// <summary>Takes the payload of a DATA frame.</summary>
    public async ValueTask ReceiveAsync(Http2Input input, int length)
    {
        await input.CopyAsync(length, _body.Writer);
        await _body.Writer.FlushAsync();
    }

    /// <summary>So many bytes have been looked at: the server may send as many more, which it is told in larger steps.</summary>
    public void ReturnWindow(int length)
    {
        var returned = Interlocked.Add(ref _unreturned, length);
        Interlocked.Add(ref _unread, -length);
        if (returned < _connection!.Options.StreamWindowBytes / 4 || Interlocked.CompareExchange(ref _unreturned, 0, returned) != returned)
            return;
        lock (_lock)
        {
            if (_released || _received)
                return;
        }
        _connection.GrowWindow(_number, returned);
    }

    public void ReceiveHeaders(ReceivedHeaders headers, bool end)
    {
        if (headers.TooLarge)
        {
            Finish(new GrpcException(GrpcStatusCode.ResourceExhausted, "The response headers are larger than this client takes."), Http2Error.Cancel);
            return;
        }
        var isHead = !_head.Task.IsCompletedSuccessfully;
        var isInterim = headers.Status is >= 100 and < 200;
        if (headers.Mistake is { } mistake)
            Refuse(mistake, Http2Error.ProtocolError);
        else if (isHead ? headers.Status is null || (isInterim && end) : headers.Status is not null || !end)
            Refuse("headers where there may be none", Http2Error.ProtocolError);
        else if (isHead && !isInterim)
            _head.TrySetResult(new ResponseHead(headers.Status!.Value, headers.Metadata));
        else if (!isHead)
            _trailers = headers.Metadata;
        if (end)
            EndBody();
    }

    /// <summary>The server has said all.</summary>
    public void EndBody()
    {
        bool over;
        lock (_lock)
        {
            if (_failure is not null || _received)
                return;
            _received = true;
            over = _sent;
        }
        _body.Writer.Complete();
        // Nobody reads what the call still wants to send.
        if (over)
            Release();
        else
            _connection!.Windows.Close(_window!);
    }

    /// <summary>RST_STREAM: NO_ERROR after a complete response only says that the rest of the request is not wanted (RFC 9113 section 8.1).</summary>
    public void ReceiveReset(Http2Error error) => Finish(TransportFailures.FromReset(error, null), null);

    /// <summary>The server takes this many bytes more.</summary>
    public void ReceiveWindow(int more)
    {
        if (more == 0)
            Refuse("a WINDOW_UPDATE of nothing", Http2Error.ProtocolError);
        else if (!_connection!.Windows.TryGrow(_window!, more))
            Refuse("a window larger than windows can be", Http2Error.FlowControlError);
    }

    private void Refuse(string what, Http2Error error) =>
        Finish(new GrpcException(GrpcStatusCode.Internal, $"The response is not HTTP/2 as it should be: {what}."), error);
}
