using System.IO.Pipelines;

namespace Framewire.Protocol.Wire;

/// <summary>
/// One HTTP/2 request and its response, as the server's transport gives it to gRPC. The seam between Wire and the web server: an adapter derives from it.
/// Owned by the transport, used by one <see cref="CallDispatcher"/> run; only <see cref="Reset"/> may be called from another thread.
/// </summary>
public abstract class ServerExchange
{
    /// <summary>The value of <c>:path</c> as it came, not unescaped.</summary>
    public abstract string Path { get; }

    /// <summary>The other end, for people: <c>ipv4:10.0.0.7:51234</c>.</summary>
    public abstract string Peer { get; }

    /// <summary>Who it is from, if somebody in front of Wire has found out.</summary>
    public virtual CallIdentity? Identity => null;

    /// <summary>A request header's first value, or null.</summary>
    public abstract string? RequestHeader(string name);

    /// <summary>Every request header that belongs to the application.</summary>
    public abstract Metadata ReadMetadata();

    /// <summary>What the client sends.</summary>
    public abstract PipeReader RequestBody { get; }

    /// <summary>What the client is sent. The first flush sends the response headers too.</summary>
    public abstract PipeWriter ResponseBody { get; }

    /// <summary>The response headers are gone: only trailers can follow.</summary>
    public abstract bool HasStarted { get; }

    /// <summary>Cancelled when the client resets its HTTP/2 stream or the connection is lost.</summary>
    public abstract CancellationToken Aborted { get; }

    /// <summary>Adds a response header; only before <see cref="HasStarted"/>.</summary>
    public abstract void AddHeader(string name, string value);

    /// <summary>Adds a trailer; only after <see cref="HasStarted"/>.</summary>
    public abstract void AddTrailer(string name, string value);

    /// <summary>Ends the response with END_STREAM, and with RST_STREAM(NO_ERROR) after it if the client is still sending.</summary>
    public abstract Task CompleteAsync();

    /// <summary>Ends the HTTP/2 stream at once.</summary>
    public abstract void Reset(Http2Error error);
}
