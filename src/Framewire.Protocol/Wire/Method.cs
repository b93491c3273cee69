namespace Framewire.Protocol.Wire;

/// <summary>How many messages go each way in a call.</summary>
public enum CallKind
{
    Unary,
    ClientStreaming,
    ServerStreaming,
    Duplex,
}

/// <summary>One method of a service: its name on the wire and its messages. Immutable; both ends may share it.</summary>
/// <param name="Kind">How many messages go each way.</param>
/// <param name="Service">The service with its package: <c>framewire.v1.Ingest</c>.</param>
/// <param name="Name">The method: <c>Publish</c>.</param>
/// <param name="Requests">How the messages to the server become bytes and back.</param>
/// <param name="Responses">How the messages to the client become bytes and back.</param>
public sealed record Method<TRequest, TResponse>(
    CallKind Kind, string Service, string Name, Marshaller<TRequest> Requests, Marshaller<TResponse> Responses)
{
    /// <summary>The value of <c>:path</c>. Compared byte for byte: no folding of case, no unescaping.</summary>
    public string Path { get; } = $"/{Service}/{Name}";
}
