using System.Net.Sockets;
using System.Security.Authentication;
using Framewire.Protocol.Wire;

namespace Framewire.Edge.Links;

/// <summary>Whether a broken link is worth another try, and what to tell a person about it.</summary>
/// <param name="CanHeal">Whether trying again can help without anybody changing anything.</param>
/// <param name="ServerFound">Whether anything answered at all.</param>
/// <param name="Message">What happened, to what, and what to do next, on one line.</param>
public sealed record LinkFailure(bool CanHeal, bool ServerFound, string Message)
{
    /// <summary>Judges a failure.</summary>
    /// <param name="failure">What the call threw.</param>
    /// <param name="server">The server's address.</param>
    /// <param name="wasUp">Whether this server has ever answered properly: then only its own clear word ends the trying.</param>
    /// <param name="unknownMethod">What to say of a server that does not know the method: the service, and what to do.</param>
    public static LinkFailure Of(GrpcException failure, Uri server, bool wasUp, string unknownMethod)
    {
        var place = $"{server.Host}:{server.Port}";
        var transport = Causes(failure).Select(cause => OfTransport(cause, server, place)).FirstOrDefault(found => found is not null);
        if (transport is not null)
            return wasUp ? transport with { CanHeal = true } : transport;

        var said = failure.Status.Message;
        return failure.Status.Code switch
        {
            // Also HTTP status 404: what a proxy says while the server behind it restarts.
            GrpcStatusCode.Unimplemented when !wasUp => new(false, true, $"{place} does not know {unknownMethod}"),
            // A token that has expired may be renewed by whoever looks after this machine, which may be far away.
            GrpcStatusCode.Unauthenticated when wasUp => new(true, true, $"{place} does not let this program in any more: {said}"),
            GrpcStatusCode.Unauthenticated or GrpcStatusCode.PermissionDenied => new(false, true, $"{place} does not let this program in: {said}"),
            GrpcStatusCode.InvalidArgument or GrpcStatusCode.FailedPrecondition or GrpcStatusCode.Aborted => new(false, true, $"{place} refused: {said}"),
            GrpcStatusCode.Internal or GrpcStatusCode.Unknown when !wasUp => new(
                false, true, $"{place} answers, but not as a gRPC server should ({failure.Status.Code}: {said}); check the address and port."),
            var code => new(true, true, $"{place}: {said} ({code})"),
        };
    }

    private static LinkFailure? OfTransport(Exception cause, Uri server, string place) => cause switch
    {
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => new(
            true, false, $"nothing listens at {place}; is the server running (framewire serve --listen {server.Host}:{server.Port})?"),
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData } => new(
            true, false, $"the name {server.Host} cannot be found; check the spelling and this machine's DNS."),
        SocketException { SocketErrorCode: SocketError.NetworkUnreachable or SocketError.HostUnreachable } => new(
            true, false, $"there is no route to {place}; check this machine's network."),
        SocketException { SocketErrorCode: SocketError.TimedOut } or TimeoutException => new(
            true, false, $"{place} does not answer; a firewall between, or the wrong address?"),
        AuthenticationException when server.Scheme == Uri.UriSchemeHttps => new(
            false, true, $"TLS with {place} failed: {cause.Message.TrimEnd('.')}; is its certificate trusted here, and does it speak TLS at all (http:// if not)?"),
        HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse } or HttpIOException { HttpRequestError: HttpRequestError.InvalidResponse }
            when Causes(cause).Any(WasCutOff) => new(
                true, true, $"{place} closed the connection without an answer; is the server starting, or is it another service's port, or one for TLS (https://)?"),
        HttpRequestException { HttpRequestError: HttpRequestError.VersionNegotiationError or HttpRequestError.InvalidResponse } => NotHttp2(server, place),
        HttpIOException { HttpRequestError: HttpRequestError.InvalidResponse } => NotHttp2(server, place),
        HttpProtocolException { ErrorCode: 1 or 6 or 13 } => NotHttp2(server, place),
        _ => null,
    };

    /// <summary>A forwarder before a server that is down takes connections and closes them: nobody has answered, well or badly.</summary>
    private static bool WasCutOff(Exception cause) =>
        cause is SocketException or HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded };

    private static LinkFailure NotHttp2(Uri server, string place) => new(
        false,
        true,
        $"{place} answers, but not in HTTP/2, which gRPC needs; is it another service's port{(server.Scheme == Uri.UriSchemeHttp ? ", or one for TLS (https://)" : "")}?");

    private static IEnumerable<Exception> Causes(Exception? failure)
    {
        for (; failure is not null; failure = failure.InnerException)
            yield return failure;
    }
}
