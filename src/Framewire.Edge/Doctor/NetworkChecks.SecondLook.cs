using System.Net.Security;
using System.Net.Sockets;
using Framewire.Edge.Links;
using Framewire.Protocol.Wire;

namespace Framewire.Edge.Doctor;

/// <content>The second look at what failed: whether the clock is to blame, or one end speaks TLS and the other does not.</content>
internal sealed partial class NetworkChecks
{
    /// <summary>A time that does not fit may be the clock's fault, and a handshake that breaks the lack of TLS: looks which.</summary>
    private async Task<ConnectFailure> ExplainTlsAsync(ConnectFailure failure, Exception thrown, CancellationToken cancellation)
    {
        if (failure.Cause is ConnectCause.TlsFailed or ConnectCause.ConnectionCut or ConnectCause.Other or ConnectCause.ClosedAtOnce
            && await SpeaksHttp2InTheClearAsync(cancellation).ConfigureAwait(false))
            return CertificateFailure.NotTls(Place) with { Raw = failure.Raw };
        if (failure.Cause is not (ConnectCause.CertificateExpired or ConnectCause.CertificateNotYetValid) || thrown is not CertificateException { } certificate)
            return failure;
        if (await ServerTime.AskAsync(_reached!, Tls(Unchecked, http2: true), cancellation).ConfigureAwait(false) is not { } serverTime
            || serverTime < certificate.NotBefore || serverTime > certificate.NotAfter)
            return failure;
        return new(
            ConnectCause.ClockWrong,
            $"TLS with {Place} failed: by this machine's clock its certificate is not valid ({CertificateFailure.Text(certificate.CheckedAt)}), by the server's it is ({CertificateFailure.Text(serverTime)})",
            "set this machine's clock (timedatectl set-ntp true).",
            failure.Raw);
    }

    private ClientConnectionOptions Unchecked => options with { SkipCertificateCheck = true };

    private async Task<bool> SpeaksTlsAsync(CancellationToken cancellation)
    {
        try
        {
            using var socket = await OpenAsync(cancellation).ConfigureAwait(false);
            using var tls = new SslStream(new NetworkStream(socket));
            await tls.AuthenticateAsClientAsync(Tls(Unchecked, http2: false), cancellation).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return false;
        }
    }

    private async Task<bool> SpeaksHttp2InTheClearAsync(CancellationToken cancellation)
    {
        try
        {
            using var clear = await QuietConnection.OpenAsync(await OpenAsync(cancellation).ConfigureAwait(false), tls: null, cancellation).ConfigureAwait(false);
            var start = await clear.GreetAsync(cancellation).ConfigureAwait(false);
            return QuietConnection.IsSettings(start.Span) || new NotHttp2Exception(start.Span).IsHttp1;
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            return false;
        }
    }
}
