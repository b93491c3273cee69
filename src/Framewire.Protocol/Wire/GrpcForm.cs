namespace Framewire.Protocol.Wire;

/// <summary>The forms in which one and the same gRPC call can travel.</summary>
public enum GrpcForm
{
    /// <summary>None of them: the request is no gRPC call.</summary>
    None,

    /// <summary>gRPC over HTTP/2 (PROTOCOL-HTTP2.md).</summary>
    Http2,

    /// <summary>gRPC-Web, binary (PROTOCOL-WEB.md): any version of HTTP, trailers in the body.</summary>
    Web,

    /// <summary>gRPC-Web in base64, for clients that can read only text while it arrives.</summary>
    WebText,
}
