using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Framewire.Edge.Links;
using Framewire.Protocol.Wire;

namespace Framewire.Edge.Doctor;

/// <summary>The checks below gRPC. Each leaves what it found to the next. Owned by one examination; one thread.</summary>
internal sealed partial class NetworkChecks(Uri server, ClientConnectionOptions options)
{
    /// <summary>An address that has not answered by then is left out, if another has.</summary>
    private static readonly TimeSpan AddressPatience = TimeSpan.FromSeconds(5);

    /// <summary>More addresses than this are not tried.</summary>
    private const int MostAddresses = 8;

    /// <summary>A certificate that ends sooner than this is worth a word.</summary>
    private static readonly TimeSpan EndsSoon = TimeSpan.FromDays(14);

    private IPAddress[] _addresses = [];
    private IPEndPoint? _reached;
    private bool _http2Agreed;
    private bool _certificateAsked;

    private bool IsTls => server.Scheme == Uri.UriSchemeHttps;

    private string Place => $"{server.Host}:{server.Port}";

    /// <summary>Looks the name up.</summary>
    public async Task<string> FindNameAsync(CancellationToken cancellation)
    {
        _addresses = await Dns.GetHostAddressesAsync(server.IdnHost, cancellation).ConfigureAwait(false);
        if (_addresses.Length == 0)
            throw new SocketException((int)SocketError.HostNotFound);
        return $"{server.Host} is {string.Join(", ", _addresses.Take(MostAddresses).Select(address => address.ToString()))}";
    }

    /// <summary>Connects to each address by TCP; one that answers is enough.</summary>
    public async Task<string> ConnectAsync(CancellationToken cancellation)
    {
        var tries = await Task.WhenAll(_addresses.Take(MostAddresses).Select(address => TryAsync(address, cancellation))).ConfigureAwait(false);
        cancellation.ThrowIfCancellationRequested();
        if (tries.FirstOrDefault(attempt => attempt.Failure is null) is not { Address: { } first })
        {
            // What is refused is nearer to the truth than what does not answer.
            throw tries.Select(attempt => attempt.Failure!).OrderBy(failure => failure is SocketException { SocketErrorCode: SocketError.ConnectionRefused } ? 0 : 1).First();
        }

        _reached = new IPEndPoint(first, server.Port);
        return string.Join(", ", tries.Select(attempt => attempt.Failure is null
            ? string.Create(CultureInfo.InvariantCulture, $"{attempt.Address} in {attempt.Took.TotalMilliseconds:0.0} ms")
            : $"{attempt.Address} not: {attempt.Failure.Message}"));
    }

    /// <summary>Shakes hands by TLS and looks at the certificate as a publisher would.</summary>
    public async Task<string> ShakeHandsAsync(CancellationToken cancellation)
    {
        if (!IsTls)
            throw new NotCheckedException("http:// is without TLS");
        using var socket = await OpenAsync(cancellation).ConfigureAwait(false);
        using var tls = new SslStream(new NetworkStream(socket));
        try
        {
            await tls.AuthenticateAsClientAsync(Tls(options, http2: true), cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new CheckFailedException(await ExplainTlsAsync(Named(e, server), e, cancellation).ConfigureAwait(false));
        }

        _http2Agreed = tls.NegotiatedApplicationProtocol == SslApplicationProtocol.Http2;
        using var certificate = new X509Certificate2(tls.RemoteCertificate!);
        var left = certificate.NotAfter.ToUniversalTime() - options.Time.GetUtcNow().UtcDateTime;
        return $"{tls.SslProtocol}, certificate for {CertificateException.NamesOf(certificate)} by '{certificate.GetNameInfo(X509NameType.SimpleName, true)}' until {CertificateFailure.Text(certificate.NotAfter)}"
            + (left < EndsSoon ? $", which is soon: renew it within {Math.Max(0, left.TotalDays):0.#} days" : "");
    }

    /// <summary>Whether TLS agreed to HTTP/2.</summary>
    public async Task<string> AgreeAsync(CancellationToken cancellation)
    {
        if (!IsTls)
            throw new NotCheckedException("http:// is without TLS: HTTP/2 by prior knowledge");
        if (_http2Agreed)
            return "h2";
        await Task.CompletedTask.ConfigureAwait(false);
        throw new CheckFailedException(ConnectFailure.NotHttp2(server, Place) with { Raw = "ALPN did not agree to h2" });
    }

    /// <summary>Greets by HTTP/2, and waits for the server's SETTINGS (RFC 9113 section 3.4).</summary>
    public async Task<string> GreetAsync(CancellationToken cancellation)
    {
        using var greeting = await QuietConnection.OpenAsync(await OpenAsync(cancellation).ConfigureAwait(false), IsTls ? Tls(options, http2: true) : null, cancellation).ConfigureAwait(false);
        var start = await greeting.GreetAsync(cancellation).ConfigureAwait(false);
        if (QuietConnection.IsSettings(start.Span))
            return "the server greets as it should";
        if (start.Length > 0)
        {
            var seen = new NotHttp2Exception(start.Span);
            throw new CheckFailedException((seen.IsTls ? ConnectFailure.TlsExpected(Place) : ConnectFailure.NotHttp2(server, Place)) with { Raw = seen.Message });
        }

        var closed = IsTls && _certificateAsked ? CertificateFailure.CertificateMissing(Place)
            : !IsTls && await SpeaksTlsAsync(cancellation).ConfigureAwait(false) ? ConnectFailure.TlsExpected(Place)
            : ConnectFailure.ClosedAtOnce(server, Place);
        throw new CheckFailedException(closed with { Raw = "the connection ended before the first byte" });
    }

    /// <summary>A connection that has been greeted and says nothing more.</summary>
    public async Task<QuietConnection> OpenQuietAsync(CancellationToken cancellation)
    {
        var quiet = await QuietConnection.OpenAsync(await OpenAsync(cancellation).ConfigureAwait(false), IsTls ? Tls(options, http2: true) : null, cancellation).ConfigureAwait(false);
        await quiet.GreetAsync(cancellation).ConfigureAwait(false);
        return quiet;
    }

    /// <summary>Whatever was thrown, by its cause.</summary>
    public static ConnectFailure Named(Exception failure, Uri server) =>
        ConnectFailure.OfTransport(failure, server)
        ?? (failure is GrpcException answer ? ConnectFailure.OfAnswer(answer, server, CallChecks.UnknownMethod) : null)
        ?? (failure is GrpcException { Status.Code: GrpcStatusCode.Unavailable } or IOException or SocketException or HttpRequestException
            ? new ConnectFailure(ConnectCause.ConnectionCut, $"{server.Host}:{server.Port} was there, and the connection was cut", "look at the log of the server, or of what lies between; is it starting, or full?", failure.Message)
            : new ConnectFailure(ConnectCause.Other, $"{server.Host}:{server.Port}: {failure.Message.TrimEnd('.')}", "look at the log of the server.", failure.Message));

    private async Task<(IPAddress Address, TimeSpan Took, Exception? Failure)> TryAsync(IPAddress address, CancellationToken cancellation)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(AddressPatience);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        var start = TimeProvider.System.GetTimestamp();
        try
        {
            await socket.ConnectAsync(new IPEndPoint(address, server.Port), timeout.Token).ConfigureAwait(false);
            return (address, TimeProvider.System.GetElapsedTime(start), null);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return (address, TimeProvider.System.GetElapsedTime(start), e is SocketException ? e : new TimeoutException($"no answer within {AddressPatience.TotalSeconds:0} s"));
        }
    }

    private async Task<Socket> OpenAsync(CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(_reached!, cancellation).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private SslClientAuthenticationOptions Tls(ClientConnectionOptions how, bool http2)
    {
        var tls = ClientTls.Options(how);
        tls.TargetHost = how.CertificateHostName ?? server.IdnHost;
        tls.ApplicationProtocols = http2 ? [SslApplicationProtocol.Http2] : null;
        if (tls.ClientCertificateContext is null)
        {
            // Called with the server's certificate once the server asks for one of this end.
            tls.LocalCertificateSelectionCallback = (_, _, _, remote, _) =>
            {
                _certificateAsked |= remote is not null;
                return null!;
            };
        }

        return tls;
    }
}
