using System.IO.Pipelines;

namespace Framewire.Protocol.Wire;

/// <summary>
/// A connection to one server that opens HTTP/2 streams. The seam between Wire and whatever speaks HTTP/2 at the client: Framewire's own, or SocketsHttpHandler.
/// Owned by a <see cref="ClientConnection"/>; any thread.
/// </summary>
internal abstract class HttpTransport : IAsyncDisposable
{
    /// <summary>Opens an HTTP/2 stream; returns at once. <paramref name="over"/> resets it with CANCEL at any time.</summary>
    public abstract HttpExchange Open(RequestHead head, CancellationToken over);

    public abstract ValueTask DisposeAsync();
}

/// <summary>What a request starts with. Method and scheme are always POST and the connection's.</summary>
/// <param name="Path">The value of <c>:path</c>.</param>
/// <param name="Headers">All the others.</param>
/// <param name="BodyFollows">The first message comes at once, so that the headers may wait for it and leave in one packet.</param>
internal sealed record RequestHead(string Path, Metadata Headers, bool BodyFollows);

/// <summary>What a response starts with, and all of it if the response is Trailers-Only. Interim responses (1xx) never show.</summary>
internal sealed record ResponseHead(int Status, Metadata Headers);

/// <summary>
/// One HTTP/2 stream at the client: request body out, response head and body in, trailers, reset. Owned by one call; its reader and its writer may use it
/// at the same time. Every failure is a <see cref="GrpcException"/> with the status that PROTOCOL-HTTP2.md gives to it, or an
/// <see cref="OperationCanceledException"/> if the caller cancelled.
/// </summary>
internal abstract class HttpExchange : IAsyncDisposable
{
    /// <summary>Where the request body goes, once the HTTP/2 stream is open. Never waits for the response.</summary>
    public abstract Task<PipeWriter> OpenRequestBodyAsync(CancellationToken cancellation);

    /// <summary>Ends the request body with END_STREAM. Harmless when it has ended already.</summary>
    public abstract ValueTask CompleteRequestAsync();

    /// <summary>The response's head.</summary>
    public abstract Task<ResponseHead> Head { get; }

    /// <summary>The response's body; only after <see cref="Head"/>.</summary>
    public abstract PipeReader ResponseBody { get; }

    /// <summary>The response's trailers; only after the end of the body.</summary>
    public abstract Metadata ReadTrailers();

    /// <summary>The status that a failure of one of the two pipes stands for.</summary>
    public abstract GrpcException Explain(Exception failure);

    public abstract ValueTask DisposeAsync();
}
