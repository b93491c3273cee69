namespace Framewire.Protocol.Wire;

/// <summary>The headers that a call starts with at the client, in the order that PROTOCOL-HTTP2.md gives. Pure functions, any thread.</summary>
internal static class CallHeaders
{
    public static Metadata For(CallOptions call, ClientConnectionOptions options)
    {
        var headers = new Metadata();
        headers.AddUnchecked("te", "trailers");
        if (call.Timeout is { } timeout)
            headers.AddUnchecked("grpc-timeout", GrpcTimeout.Format(timeout));
        headers.AddUnchecked("content-type", "application/grpc");
        if (call.Compress)
            headers.AddUnchecked("grpc-encoding", GzipCoding.Name);
        headers.AddUnchecked("grpc-accept-encoding", GzipCoding.Accepted);
        headers.AddUnchecked("user-agent", options.UserAgent);
        foreach (var (name, value) in call.Headers ?? [])
            headers.AddUnchecked(name, value);
        return headers;
    }
}
