using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;

namespace Framewire.Server.Wire;

/// <summary>
/// The server's certificate, and the authorities of its clients' ones, read again when a file has changed: connections from then on get the new one. One for a
/// server; any thread.
/// </summary>
internal sealed partial class ServerCertificates
{
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(1);

    private readonly TransportOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly string[] _files;
    private readonly Lock _reading = new();
    private long _checkedAt;
    private DateTime[] _seen;
    private SslServerAuthenticationOptions _current;

    /// <exception cref="CryptographicException">A file cannot be read.</exception>
    public ServerCertificates(TransportOptions options, TimeProvider time, ILogger<ServerCertificates> logger)
    {
        (_options, _time, _logger) = (options, time, logger);
        _files = [.. new[] { options.CertificateFile, options.CertificateKeyFile, options.ClientAuthorityFile }.OfType<string>()];
        (_checkedAt, _seen) = (time.GetTimestamp(), Look());
        _current = Read();
    }

    /// <summary>What the next connection goes by.</summary>
    /// <param name="protocols">What the port speaks.</param>
    public SslServerAuthenticationOptions For(List<SslApplicationProtocol> protocols)
    {
        lock (_reading)
        {
            if (_time.GetElapsedTime(_checkedAt) >= CheckInterval)
                Check();
            return new SslServerAuthenticationOptions
            {
                ServerCertificateContext = _current.ServerCertificateContext,
                CertificateChainPolicy = _current.CertificateChainPolicy,
                ClientCertificateRequired = _current.ClientCertificateRequired,
                RemoteCertificateValidationCallback = _current.RemoteCertificateValidationCallback,
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                ApplicationProtocols = protocols,
            };
        }
    }

    private void Check()
    {
        _checkedAt = _time.GetTimestamp();
        var now = Look();
        if (now.SequenceEqual(_seen))
            return;
        try
        {
            _current = Read();
            _seen = now;
            Log.Read(_logger, _options.CertificateFile!);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            // A key that is another certificate's is an ArgumentException. The key may come a moment after the certificate: looked at again with the next connection.
            Log.NotRead(_logger, _options.CertificateFile!, e.Message);
        }
    }

    private DateTime[] Look() => [.. _files.Select(File.GetLastWriteTimeUtc)];

    private SslServerAuthenticationOptions Read()
    {
        var file = _options.CertificateFile!;
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(file);
        var certificate = X509Certificate2.CreateFromPemFile(file, _options.CertificateKeyFile ?? file);
        var tls = new SslServerAuthenticationOptions { ServerCertificateContext = SslStreamCertificateContext.Create(certificate, chain, offline: true) };
        if (_options.ClientAuthorityFile is not { } authority)
            return tls;
        tls.ClientCertificateRequired = true;
        tls.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        tls.CertificateChainPolicy.CustomTrustStore.ImportFromPemFile(authority);
        var required = _options.RequireClientCertificate;
        // A client without one may have a token; one with a wrong one is not let in.
        tls.RemoteCertificateValidationCallback = (_, given, _, errors) => errors == SslPolicyErrors.None || (given is null && !required);
        return tls;
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Read the certificate {File} again; new connections get it")]
        public static partial void Read(ILogger logger, string file);

        [LoggerMessage(LogLevel.Error, "The certificate {File} has changed and cannot be read, so that the one before stays: {Why}")]
        public static partial void NotRead(ILogger logger, string file, string why);
    }
}
