using System.IO.Pipelines;
using System.Net;

namespace Framewire.Protocol.Wire;

/// <summary>
/// A request body that is written while the response is read: hands the HTTP/2 stream's body out as a pipe and keeps it open until told to end it.
/// Owned by one exchange; the handler asks for it on its own thread.
/// </summary>
internal sealed class DuplexContent(bool flushHeaders) : HttpContent
{
    private readonly TaskCompletionSource<PipeWriter> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    // What waits for it goes on within the call that completes it, on purpose: when the server has answered and resets the HTTP/2 stream with NO_ERROR, the
    // handler must see the request end before it reads the next HTTP/2 frame, or the end of the connection right behind would lose the answer.
    private readonly TaskCompletionSource _ended = new();
    private int _times;

    /// <summary>The pipe, once the HTTP/2 stream is open.</summary>
    public Task<PipeWriter> Opened => _opened.Task;

    /// <summary>The handler wanted to send the request again on another connection, which means that the server has not processed it.</summary>
    public bool WantedAgain => Volatile.Read(ref _times) > 1;

    /// <summary>Ends the body with END_STREAM.</summary>
    public void End() => _ended.TrySetResult();

    /// <summary>There will be no HTTP/2 stream, or no longer.</summary>
    public void Fail(Exception failure) => _opened.TrySetException(failure);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _times) > 1)
            throw new IOException("What was written to the first connection is gone; the call must be repeated from its start.");
        var body = new RequestBody(stream);
        // The handler keeps the headers back until something of the body is sent, and a call may begin by listening.
        if (flushHeaders)
            await stream.FlushAsync(cancellationToken);
        _opened.TrySetResult(PipeWriter.Create(body, new StreamPipeWriterOptions(leaveOpen: true)));
        using var resetting = cancellationToken.UnsafeRegister(static (content, token) => ((DuplexContent)content!)._ended.TrySetCanceled(token), this);
        try
        {
            await _ended.Task;
        }
        catch (OperationCanceledException)
        {
            // The HTTP/2 stream has ended. This cancellation says nothing of why, and the handler would report it; a write, which cannot get out any more, throws
            // the reason if there is one.
            await body.ThrowReasonAsync(cancellationToken);
            throw;
        }
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, default);

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
