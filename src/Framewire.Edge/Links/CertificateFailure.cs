using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Framewire.Protocol.Wire;

namespace Framewire.Edge.Links;

/// <summary>What is wrong with TLS, in words. Pure.</summary>
internal static class CertificateFailure
{
    /// <summary>Names what is wrong with a certificate: the chain first, since a certificate that is not trusted may say any name and any time.</summary>
    public static ConnectFailure Of(CertificateException failure, Uri server)
    {
        var place = $"TLS with {server.Host}:{server.Port} failed: its certificate";
        if (failure.Errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
            return new(ConnectCause.TlsFailed, $"{place} did not come", "give the server one (serve --cert FILE --key FILE).");
        if ((failure.Chain & ~X509ChainStatusFlags.NotTimeValid) != X509ChainStatusFlags.NoError)
            return Untrusted(failure, place);
        if (failure.Chain.HasFlag(X509ChainStatusFlags.NotTimeValid))
            return OutOfTime(failure, place);
        if (failure.Errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            return new(
                ConnectCause.CertificateForAnotherName, $"{place} is for {failure.Names}, not for {server.Host}", "use a name that it has, or give the server a certificate for this one.");
        }

        return new(ConnectCause.TlsFailed, $"{place} is not valid ({failure.Errors}, {failure.Chain})", "give the server another one.");
    }

    /// <summary>Names a handshake that failed without a certificate being wrong.</summary>
    public static ConnectFailure OfHandshake(Exception failure, string place)
    {
        var said = Texts(failure);
        if (AsksForCertificate(failure))
            return CertificateMissing(place);
        if (said.Contains("frame size", StringComparison.OrdinalIgnoreCase) || said.Contains("corrupted frame", StringComparison.OrdinalIgnoreCase) || said.Contains("wrong version number", StringComparison.OrdinalIgnoreCase))
            return NotTls(place);
        if (said.Contains("application protocol", StringComparison.OrdinalIgnoreCase))
            return new(ConnectCause.NotHttp2, $"{place} speaks TLS, but not HTTP/2, which gRPC needs", "is it another service's port, or a proxy without HTTP/2?");
        return new(ConnectCause.TlsFailed, $"TLS with {place} failed: {failure.Message.TrimEnd('.')}", "does it speak TLS at all (http:// if not)?");
    }

    /// <summary>A port without TLS.</summary>
    public static ConnectFailure NotTls(string place) => new(
        ConnectCause.NotTls, $"TLS with {place} failed: it does not speak TLS", "use http:// if that network is yours, or give the server a certificate (serve --cert FILE --key FILE).");

    /// <summary>A server that lets in only who has a certificate.</summary>
    public static ConnectFailure CertificateMissing(string place) => new(
        ConnectCause.ClientCertificateMissing, $"TLS with {place} failed: it asks for a certificate of this end", "give one that it trusts with --client-cert FILE.");

    /// <summary>TLS 1.3's alert 116, which has no type of its own.</summary>
    public static bool AsksForCertificate(Exception failure) => Texts(failure).Contains("certificate required", StringComparison.OrdinalIgnoreCase);

    private static ConnectFailure Untrusted(CertificateException failure, string place) => new(
        ConnectCause.CertificateUntrusted,
        failure.IsSelfSigned ? $"{place} is signed by itself, and not trusted here" : $"{place} is by '{failure.Issuer}', which is not trusted here",
        failure.IsSelfSigned ? "if it is the right one, give it with --ca FILE." : "give the authority's certificate with --ca FILE.");

    private static ConnectFailure OutOfTime(CertificateException failure, string place)
    {
        var now = Text(failure.CheckedAt);
        return failure.CheckedAt < failure.NotBefore
            ? new(ConnectCause.CertificateNotYetValid, $"{place} is valid from {Text(failure.NotBefore)} on, and here it is {now}", "is this machine's clock right (timedatectl set-ntp true)?")
            : new(ConnectCause.CertificateExpired, $"{place} expired at {Text(failure.NotAfter)}, and here it is {now}", "renew it on the server; is this machine's clock right (timedatectl)?");
    }

    internal static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);

    private static string Texts(Exception? failure)
    {
        var said = "";
        for (; failure is not null; failure = failure.InnerException)
            said += failure.Message + "\n";
        return said;
    }
}
