namespace Framewire.Protocol.Wire;

/// <summary>
/// One call at the client. Owned by whoever started it, who disposes it: a call that is disposed before its end is cancelled. Requests and responses
/// may be used at the same time, each by one thread.
/// </summary>
/// <remarks>
/// A status other than OK is a <see cref="GrpcException"/>, at the latest at the end of <see cref="Responses"/>. Only the caller's own token makes an
/// <see cref="OperationCanceledException"/>. Never wait for <see cref="ResponseHeaders"/> before sending: many servers send them with their first message.
/// </remarks>
public sealed class ClientCall<TRequest, TResponse> : IAsyncDisposable
{
    private readonly ClientCallSide _side;

    internal ClientCall(Method<TRequest, TResponse> method, ClientCallSide side)
    {
        _side = side;
        Requests = new MessageWriter<TRequest>(side, method.Requests) { Compress = true };
        Responses = new MessageReader<TResponse>(side, method.Responses);
    }

    public MessageWriter<TRequest> Requests { get; }

    public MessageReader<TResponse> Responses { get; }

    /// <summary>What the server sent before its first message.</summary>
    public Task<Metadata> ResponseHeaders => _side.ResponseHeaders;

    /// <summary>What the server sent with its status; empty until the end of <see cref="Responses"/>.</summary>
    public Metadata Trailers => _side.Trailers;

    /// <summary>How the call ended; null while it goes on.</summary>
    public GrpcStatus? Status => _side.Status;

    /// <summary>The response read last came compressed.</summary>
    internal bool LastResponseWasCompressed => _side.LastMessageWasCompressed;

    /// <summary>There are no more requests (half-close). Does not throw if the call has ended: its status tells.</summary>
    public async Task CompleteAsync() => await _side.CompleteAsync();

    /// <summary>Gives the call up: the server is told by RST_STREAM(CANCEL), the status is CANCELLED.</summary>
    public void Cancel() => _side.Cancel();

    public ValueTask DisposeAsync() => _side.DisposeAsync();
}
