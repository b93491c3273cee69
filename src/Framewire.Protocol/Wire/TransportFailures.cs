using System.Net.Sockets;
using System.Security.Authentication;

namespace Framewire.Protocol.Wire;

/// <summary>Which status a failure of SocketsHttpHandler stands for (PROTOCOL-HTTP2.md, "Errors"). Pure functions, any thread.</summary>
internal static class TransportFailures
{
    /// <summary>
    /// How SocketsHttpHandler's text tells RST_STREAM, whose code means something to gRPC, from the end of a whole connection (GOAWAY with an error, an unanswered
    /// PING), which is UNAVAILABLE whatever the code. There is no property for it; the tests of points 28 and 32 notice if the text changes.
    /// </summary>
    private const string StreamWasReset = "The HTTP/2 server reset the stream.";

    public static GrpcException Explain(Exception failure, bool unprocessed)
    {
        if (failure is GrpcException known)
            return known;
        if (unprocessed)
            return Unavailable("The server did not process the call; repeat it.", failure, unprocessed: true);
        foreach (var cause in Causes(failure))
        {
            switch (cause)
            {
                case GrpcException inner:
                    return inner;
                case HttpProtocolException http2 when http2.Message.StartsWith(StreamWasReset, StringComparison.Ordinal):
                    return FromReset((Http2Error)http2.ErrorCode, cause);
                case HttpProtocolException http2:
                    return Unavailable($"The connection ended with HTTP/2 error {(Http2Error)http2.ErrorCode} ({http2.ErrorCode}): {http2.Message}", failure);
                case AuthenticationException:
                    return Unavailable($"TLS failed: {cause.Message}", failure);
                case SocketException socket:
                    return Unavailable($"The connection failed: {socket.SocketErrorCode}.", failure);
                case HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded }:
                    return new(GrpcStatusCode.ResourceExhausted, "The response headers are larger than this client takes.", failure);
                case HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse } when !Ended(failure):
                    return new(GrpcStatusCode.Internal, $"The response is not HTTP/2 as it should be: {cause.Message}", failure);
            }
        }
        return Unavailable($"The connection was lost: {failure.Message}", failure);
    }

    /// <summary>For RST_STREAM with this code.</summary>
    public static GrpcException FromReset(Http2Error error, Exception? cause) =>
        new(StatusRules.FromReset(error), $"The server reset the call with {error} ({(long)error}).", cause)
        {
            Unprocessed = error == Http2Error.RefusedStream,
        };

    private static GrpcException Unavailable(string message, Exception cause, bool unprocessed = false) =>
        new(GrpcStatusCode.Unavailable, message, cause) { Unprocessed = unprocessed };

    /// <summary>The bytes stopped, so that what there was of them says nothing.</summary>
    private static bool Ended(Exception failure) =>
        Causes(failure).Any(cause => cause is SocketException or HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded });

    private static IEnumerable<Exception> Causes(Exception failure)
    {
        // The deepest cause says most, but what gRPC gives a meaning to (an HTTP/2 error code) counts wherever it stands.
        for (Exception? cause = failure; cause is not null; cause = cause.InnerException)
        {
            if (cause is HttpProtocolException or GrpcException)
                yield return cause;
        }
        for (Exception? cause = failure; cause is not null; cause = cause.InnerException)
            yield return cause;
    }
}
