using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Framewire.Protocol.Wire;

/// <summary>HTTP/2 by SocketsHttpHandler: cleartext with prior knowledge for http, TLS with ALPN for https. Owned by a connection; any thread.</summary>
internal sealed class SocketsTransport : HttpTransport
{
    private readonly Uri _address;
    private readonly HttpMessageInvoker _invoker;

    public SocketsTransport(Uri address, ClientConnectionOptions options)
    {
        _address = address;
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            AutomaticDecompression = System.Net.DecompressionMethods.None,
            ConnectTimeout = options.ConnectTimeout,
            // One connection for all calls, kept for as long as the server keeps it.
            EnableMultipleHttp2Connections = false,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            PooledConnectionLifetime = Timeout.InfiniteTimeSpan,
            InitialHttp2StreamWindowSize = options.StreamWindowBytes,
            MaxResponseHeadersLength = options.MaxResponseHeadersKibibytes,
            KeepAlivePingDelay = options.KeepAlivePingDelay > TimeSpan.Zero ? options.KeepAlivePingDelay : Timeout.InfiniteTimeSpan,
            KeepAlivePingTimeout = options.KeepAlivePingTimeout,
            KeepAlivePingPolicy = options.KeepAlivePingWithoutCalls ? HttpKeepAlivePingPolicy.Always : HttpKeepAlivePingPolicy.WithActiveRequests,
            SslOptions = Tls(options),
        };
        _invoker = new HttpMessageInvoker(handler, disposeHandler: true);
    }

    public override HttpExchange Open(RequestHead head, CancellationToken over) => new SocketsExchange(_invoker, _address, head, over);

    public override ValueTask DisposeAsync()
    {
        _invoker.Dispose();
        return default;
    }

    private static SslClientAuthenticationOptions Tls(ClientConnectionOptions options)
    {
        var tls = new SslClientAuthenticationOptions
        {
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            TargetHost = options.CertificateHostName,
        };
        if (options.CertificateAuthorityFile is { } file)
        {
            tls.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            tls.CertificateChainPolicy.CustomTrustStore.ImportFromPemFile(file);
        }
#pragma warning disable CA5359 // Asked for by name, for tests.
        if (options.SkipCertificateCheck)
            tls.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        return tls;
    }
}
