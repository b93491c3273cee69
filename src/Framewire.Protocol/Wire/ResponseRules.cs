namespace Framewire.Protocol.Wire;

/// <summary>What a client makes of a response's headers and trailers (PROTOCOL-HTTP2.md, "Responses"). Pure functions, any thread.</summary>
internal static class ResponseRules
{
    /// <summary>The end of a call whose response cannot be read as gRPC, or that needs no reading; null if there is a body to read.</summary>
    public static GrpcException? Refusal(ResponseHead head)
    {
        // A status that the server gave counts, whatever HTTP says of it. With 200 it may still stand beside a body: that shows at the body's end.
        if (head.Status != 200)
        {
            return head.Headers.Get("grpc-status") is not null
                ? Outcome(head, head.Headers, head.Headers.WithoutReserved()) ?? Broken($"HTTP status {head.Status} with grpc-status 0.")
                : new GrpcException(StatusRules.FromHttp(head.Status), $"The server answered with HTTP status {head.Status} and no gRPC status.") { HttpStatus = head.Status };
        }
        if (head.Headers.Get("grpc-status") is null && !ContentType.IsGrpc(head.Headers.Get("content-type")))
            return new GrpcException(GrpcStatusCode.Unknown, $"The answer is \"{head.Headers.Get("content-type")}\", not gRPC.") { HttpStatus = head.Status };
        var encoding = head.Headers.Get("grpc-encoding");
        return GzipCoding.IsKnown(encoding) ? null : Broken($"The server sends messages in \"{encoding}\", which was not offered.");
    }

    /// <summary>The end that the trailers (or the headers of a Trailers-Only response) tell of; null for OK.</summary>
    public static GrpcException? Outcome(ResponseHead head, Metadata trailers, Metadata shown)
    {
        if (trailers.Get("grpc-status") is not { } text)
            return new GrpcException(StatusRules.FromHttp(head.Status), "The server ended the call without a gRPC status.");
        var message = StatusMessage.Decode(trailers.Get("grpc-message") ?? "");
        if (!StatusRules.TryParse(text, out var code))
            return new GrpcException(new GrpcStatus(GrpcStatusCode.Unknown, $"grpc-status is \"{text}\". {message}".TrimEnd()), shown);
        return code == GrpcStatusCode.Ok ? null : new GrpcException(new GrpcStatus(code, message), shown);
    }

    private static GrpcException Broken(string message) => new(GrpcStatusCode.Internal, message);
}
