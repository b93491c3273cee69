namespace Framewire.Protocol.Wire;

/// <summary>
/// What a handler may know of its call and say besides messages. Made by the dispatcher for one call, used by its handler on any one thread at a time.
/// </summary>
public sealed class ServerCall
{
    private readonly ServerExchange _exchange;
    private readonly ServerCallSide _side;

    internal ServerCall(ServerExchange exchange, ServerCallSide side, DateTimeOffset? deadline, CancellationToken draining)
    {
        (_exchange, _side, Deadline, Draining) = (exchange, side, deadline, draining);
        RequestHeaders = exchange.ReadMetadata();
    }

    /// <summary>The method's path: <c>/framewire.v1.Ingest/Publish</c>.</summary>
    public string Path => _exchange.Path;

    /// <summary>The other end, for people: <c>ipv4:10.0.0.7:51234</c>.</summary>
    public string Peer => _exchange.Peer;

    /// <summary>
    /// Who it is from; null if nobody has found out. A handler that is shown newer credentials within the call sets it, and the call then lasts as long as those.
    /// </summary>
    public CallIdentity? Identity { get => _side.Identity; set => _side.Identity = value; }

    /// <summary>What the client sent besides the protocol's own headers; <c>authorization</c> and <c>user-agent</c> are here.</summary>
    public Metadata RequestHeaders { get; }

    /// <summary>Sent with the first message, or by <see cref="SendHeadersAsync"/>; what is added later is lost.</summary>
    public Metadata ResponseHeaders { get; } = new();

    /// <summary>Sent with the status.</summary>
    public Metadata ResponseTrailers { get; } = new();

    /// <summary>When the client gives up, by this machine's clock; null if it never does.</summary>
    public DateTimeOffset? Deadline { get; }

    /// <summary>The call is over: the deadline passed, the client cancelled, the connection was lost, or the time for draining ran out.</summary>
    public CancellationToken Cancellation => _side.Over;

    /// <summary>The server is about to stop: finish soon, of your own accord. <see cref="Cancellation"/> follows when the time for that is up.</summary>
    public CancellationToken Draining { get; }

    /// <summary>Compress the responses if the client takes gzip. Set before the first message; <see cref="MessageWriter{T}.Compress"/> can turn single messages off and on after that.</summary>
    public bool CompressResponses { get => _side.CompressResponses; set => _side.CompressResponses = value; }

    /// <summary>The request read last came compressed.</summary>
    internal bool LastRequestWasCompressed => _side.LastMessageWasCompressed;

    /// <summary>Sends the response headers now instead of with the first message.</summary>
    public async Task SendHeadersAsync()
    {
        var pipe = await _side.OpenWriterAsync(Cancellation);
        await pipe.FlushAsync(Cancellation);
    }
}
