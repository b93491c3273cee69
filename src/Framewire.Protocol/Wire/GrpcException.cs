namespace Framewire.Protocol.Wire;

/// <summary>
/// A call ended with a status other than OK. A handler throws it to choose the status that its caller sees;
/// at the client it carries the server's status, or the one that gRPC's rules give to a broken transport. Owned by whoever catches it.
/// </summary>
public sealed class GrpcException : Exception
{
    public GrpcException(GrpcStatus status, Metadata? trailers = null, Exception? inner = null)
        : base(status.ToString(), inner)
    {
        Status = status;
        Trailers = trailers ?? new Metadata();
    }

    public GrpcException(GrpcStatusCode code, string message, Exception? inner = null)
        : this(new GrpcStatus(code, message), null, inner)
    {
    }

    public GrpcStatus Status { get; }

    /// <summary>The trailers that came with the status, or that a handler wants to go with it. Empty if there are none.</summary>
    public Metadata Trailers { get; }

    /// <summary>True if it is certain that the server's handler never saw the call (REFUSED_STREAM, or a stream above GOAWAY's last): safe to repeat.</summary>
    public bool Unprocessed { get; init; }

    /// <summary>The HTTP status of an answer that came from no gRPC server; null for one that did, and for none.</summary>
    public int? HttpStatus { get; init; }
}
