using System.Net.Sockets;
using System.Security.Authentication;
using Framewire.Protocol.Wire;

namespace Framewire.Edge.Links;

/// <summary>Why a server cannot be reached, in words that are the same wherever they are said. Immutable.</summary>
/// <param name="Cause">The cause, for programs.</param>
/// <param name="What">What happened, to what.</param>
/// <param name="Remedy">What to do next.</param>
/// <param name="Raw">What the system, the library or the server said.</param>
public sealed record ConnectFailure(ConnectCause Cause, string What, string Remedy, string Raw = "")
{
    /// <summary>What happened and what to do, on one line.</summary>
    public string Message => $"{What}; {Remedy}";

    /// <summary>Whether anything answered at all.</summary>
    public bool ServerFound => Cause is not (ConnectCause.NameUnknown or ConnectCause.NoRoute or ConnectCause.Refused or ConnectCause.NoAnswer);

    /// <summary>Whether trying again can help without anybody changing anything at this end.</summary>
    public bool CanHeal => !ServerFound || Cause is ConnectCause.ClosedAtOnce or ConnectCause.ProxyWithoutServer or ConnectCause.ConnectionCut;

    /// <summary>Names a failure of the transport; null if it is none, but a server's answer.</summary>
    /// <param name="failure">What was thrown.</param>
    /// <param name="server">The server's address.</param>
    public static ConnectFailure? OfTransport(Exception failure, Uri server)
    {
        var raw = string.Join(" <- ", Causes(failure).Select(cause => cause.Message).Distinct());
        return Causes(failure).Select(cause => Of(cause, server, $"{server.Host}:{server.Port}")).FirstOrDefault(found => found is not null) is { } named
            ? named with { Raw = raw }
            : null;
    }

    /// <summary>Names an answer that came from no Framewire server, or refuses; null if it says something else.</summary>
    /// <param name="failure">The server's status.</param>
    /// <param name="server">The server's address.</param>
    /// <param name="unknownMethod">What to say of a server that does not know the method: the service, and what to do.</param>
    public static ConnectFailure? OfAnswer(GrpcException failure, Uri server, string unknownMethod)
    {
        var (place, said) = ($"{server.Host}:{server.Port}", failure.Status.Message);
        return (failure.Status.Code, failure.HttpStatus) switch
        {
            (_, 502 or 503 or 504) => new(
                ConnectCause.ProxyWithoutServer, $"a proxy answers at {place}, and does not reach the server behind it (HTTP status {failure.HttpStatus})", "is that server running, and does the proxy have its address?", said),
            (_, { } status) => new(ConnectCause.NotGrpc, $"{place} answers, but not as a gRPC server should (HTTP status {status}: {said})", "check the address and port, and what a proxy does with this path.", said),
            (GrpcStatusCode.Unimplemented, _) => new(ConnectCause.NotFramewire, $"{place} does not know {unknownMethod.Split("; ")[0]}", unknownMethod.Split("; ")[^1], said),
            (GrpcStatusCode.Unauthenticated, _) when said.Contains("asks for a token", StringComparison.Ordinal) => new(
                ConnectCause.TokenMissing, $"{place} does not let this program in without a token", "give one with --token-file FILE or in FRAMEWIRE_TOKEN (framewire token create, on the server).", said),
            (GrpcStatusCode.Unauthenticated, _) => Refused(ConnectCause.TokenRefused, place, said),
            (GrpcStatusCode.PermissionDenied, _) => Refused(ConnectCause.NoRight, place, said),
            _ => null,
        };
    }

    /// <summary>A refusal of ours has its own remedy behind a semicolon; that of a server in another language may not.</summary>
    private static ConnectFailure Refused(ConnectCause cause, string place, string said)
    {
        var (what, remedy) = said.IndexOf("; ", StringComparison.Ordinal) is > 0 and var at
            ? (said[..at], said[(at + 2)..])
            : (said.TrimEnd('.'), "framewire token list, on the server, shows what each token may do.");
        return new(cause, $"{place} does not let this program in: {what}", remedy, said);
    }

    private static ConnectFailure? Of(Exception cause, Uri server, string place) => cause switch
    {
        CertificateException certificate => CertificateFailure.Of(certificate, server),
        NotHttp2Exception { IsTls: true } => TlsExpected(place),
        SocketException socket => OfSocket(socket.SocketErrorCode, server, place),
        TimeoutException => NoAnswer(place),
        HttpRequestException { HttpRequestError: HttpRequestError.VersionNegotiationError } when cause.InnerException is not NotHttp2Exception { IsTls: true } => NotHttp2(server, place),
        AuthenticationException when server.Scheme == Uri.UriSchemeHttps && Causes(cause).All(inner => inner is not (CertificateException or SocketException)) => CertificateFailure.OfHandshake(cause, place),
        HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse } or HttpIOException { HttpRequestError: HttpRequestError.InvalidResponse }
            when Causes(cause).Any(WasCutOff) => ClosedAtOnce(server, place),
        HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse } or HttpIOException { HttpRequestError: HttpRequestError.InvalidResponse } => NotHttp2(server, place),
        HttpProtocolException { ErrorCode: 1 or 6 or 13 } => NotHttp2(server, place),
        IOException when CertificateFailure.AsksForCertificate(cause) => CertificateFailure.OfHandshake(cause, place),
        _ => null,
    };

    private static ConnectFailure? OfSocket(SocketError error, Uri server, string place) => error switch
    {
        SocketError.ConnectionRefused => new(
            ConnectCause.Refused, $"nothing listens at {place}", $"is the server running (framewire serve --listen {server.Host}:{server.Port})?"),
        SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData => new(
            ConnectCause.NameUnknown, $"the name {server.Host} cannot be found", "check the spelling and this machine's DNS."),
        SocketError.NetworkUnreachable or SocketError.HostUnreachable => new(
            ConnectCause.NoRoute, $"there is no route to {place}", "check this machine's network."),
        SocketError.TimedOut => NoAnswer(place),
        _ => null,
    };

    internal static ConnectFailure NoAnswer(string place) => new(ConnectCause.NoAnswer, $"{place} does not answer", "a firewall between, or the wrong address?");

    internal static ConnectFailure TlsExpected(string place) => new(ConnectCause.TlsExpected, $"{place} answers, but not in HTTP/2 without TLS: it speaks TLS", "use https://.");

    internal static ConnectFailure ClosedAtOnce(Uri server, string place) => new(
        ConnectCause.ClosedAtOnce,
        $"{place} closed the connection without an answer",
        server.Scheme == Uri.UriSchemeHttp
            ? "is the server starting, or is it another service's port, or one for TLS (https://)?"
            : "is the server starting, or is it another service's port, or does it ask for a certificate of this end (--client-cert FILE)?");

    internal static ConnectFailure NotHttp2(Uri server, string place) => new(
        ConnectCause.NotHttp2,
        $"{place} answers, but not in HTTP/2, which gRPC needs",
        $"is it another service's port{(server.Scheme == Uri.UriSchemeHttp ? ", or one for TLS (https://)" : ", or a proxy without HTTP/2")}?");

    /// <summary>A forwarder before a server that is down takes connections and closes them: nobody has answered, well or badly.</summary>
    private static bool WasCutOff(Exception cause) =>
        cause is SocketException or HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded };

    private static IEnumerable<Exception> Causes(Exception? failure)
    {
        for (; failure is not null; failure = failure.InnerException)
            yield return failure;
    }
}
