using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Framewire.Protocol.Wire;

/// <summary>How a client checks the server's certificate. Pure functions, any thread.</summary>
public static class ClientTls
{
    /// <summary>What a client of these options asks of TLS. What fails is a <see cref="CertificateException"/>.</summary>
    public static SslClientAuthenticationOptions Options(ClientConnectionOptions options)
    {
        var time = options.Time;
        var tls = new SslClientAuthenticationOptions
        {
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
                errors == SslPolicyErrors.None ? true : throw new CertificateException(certificate as X509Certificate2, chain, errors, time.GetUtcNow()),
        };
        if (options.CertificateAuthorityFile is { } file)
        {
            tls.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            tls.CertificateChainPolicy.CustomTrustStore.ImportFromPemFile(file);
        }

        if (time != TimeProvider.System)
        {
            tls.CertificateChainPolicy ??= new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck };
            tls.CertificateChainPolicy.VerificationTime = time.GetUtcNow().UtcDateTime;
            tls.CertificateChainPolicy.VerificationTimeIgnored = false;
        }

        if (options.ClientCertificateFile is { } own)
        {
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(own);
            var certificate = X509Certificate2.CreateFromPemFile(own, options.ClientCertificateKeyFile ?? own);
            tls.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, chain, offline: true);
        }

#pragma warning disable CA5359 // Asked for by name, for tests.
        if (options.SkipCertificateCheck)
            tls.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        return tls;
    }
}
