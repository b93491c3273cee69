using System.Net.Sockets;
using System.Security.Authentication;
using Framewire.Protocol.Wire;

namespace Framewire.Edge.Links;

/// <summary>Whether a broken link is worth another try, and what to tell a person about it.</summary>
/// <param name="CanHeal">Whether trying again can help without anybody changing anything.</param>
/// <param name="Message">What happened, to what, and what to do next, on one line.</param>
internal sealed record LinkFailure(bool CanHeal, string Message)
{
    /// <summary>Judges a failure.</summary>
    /// <param name="failure">What the call threw.</param>
    /// <param name="server">The server's address.</param>
    /// <param name="contract">The contract that was spoken.</param>
    /// <param name="wasUp">Whether this server has ever answered properly: then only its own clear word ends the trying.</param>
    public static LinkFailure Of(GrpcException failure, Uri server, PublishContract contract, bool wasUp)
    {
        var place = $"{server.Host}:{server.Port}";
        var transport = Causes(failure).Select(cause => OfTransport(cause, server, place)).FirstOrDefault(found => found is not null);
        if (transport is not null)
            return wasUp ? transport with { CanHeal = true } : transport;

        var said = failure.Status.Message;
        return failure.Status.Code switch
        {
            GrpcStatusCode.Unimplemented when contract == PublishContract.Framewire => new(
                false, $"{place} does not know framewire.v1.Ingest ({said}); is it a Framewire server? A server in the seed's contract takes --contract analyse."),
            GrpcStatusCode.Unimplemented => new(false, $"{place} does not know video.Analyse ({said}); a Framewire server takes --contract framewire too."),
            GrpcStatusCode.Unauthenticated or GrpcStatusCode.PermissionDenied => new(false, $"{place} does not let this publisher in: {said}"),
            GrpcStatusCode.InvalidArgument or GrpcStatusCode.FailedPrecondition or GrpcStatusCode.Aborted => new(false, $"{place} refused: {said}"),
            GrpcStatusCode.Internal or GrpcStatusCode.Unknown when !wasUp => new(
                false, $"{place} answers, but not as a gRPC server should ({failure.Status.Code}: {said}); check the address and port."),
            var code => new(true, $"{place}: {said} ({code})"),
        };
    }

    private static LinkFailure? OfTransport(Exception cause, Uri server, string place) => cause switch
    {
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => new(
            true, $"nothing listens at {place}; is the server running (framewire serve --listen {server.Host}:{server.Port})?"),
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData } => new(
            true, $"the name {server.Host} cannot be found; check the spelling and this machine's DNS."),
        SocketException { SocketErrorCode: SocketError.NetworkUnreachable or SocketError.HostUnreachable } => new(
            true, $"there is no route to {place}; check this machine's network."),
        SocketException { SocketErrorCode: SocketError.TimedOut } or TimeoutException => new(
            true, $"{place} does not answer; a firewall between, or the wrong address?"),
        AuthenticationException when server.Scheme == Uri.UriSchemeHttps => new(
            false, $"TLS with {place} failed: {cause.Message.TrimEnd('.')}; is its certificate trusted here, and does it speak TLS at all (http:// if not)?"),
        HttpRequestException { HttpRequestError: HttpRequestError.VersionNegotiationError or HttpRequestError.InvalidResponse } => NotHttp2(server, place),
        HttpIOException { HttpRequestError: HttpRequestError.InvalidResponse } => NotHttp2(server, place),
        HttpProtocolException { ErrorCode: 1 or 6 or 13 } => NotHttp2(server, place),
        _ => null,
    };

    private static LinkFailure NotHttp2(Uri server, string place) => new(
        false,
        $"{place} answers, but not in HTTP/2, which gRPC needs; is it another service's port{(server.Scheme == Uri.UriSchemeHttp ? ", or one for TLS (https://)" : "")}?");

    private static IEnumerable<Exception> Causes(Exception? failure)
    {
        for (; failure is not null; failure = failure.InnerException)
            yield return failure;
    }
}
