namespace Framewire.Protocol.Wire;

/// <summary>HTTP/2 by SocketsHttpHandler: cleartext with prior knowledge for http, TLS with ALPN for https. Owned by a connection; any thread.</summary>
internal sealed class SocketsTransport : HttpTransport
{
    private readonly Uri _address;
    private readonly string? _authority;
    private readonly HttpMessageInvoker _invoker;

    public SocketsTransport(Uri address, ClientConnectionOptions options)
    {
        _address = address;
        // SocketsHttpHandler checks the certificate against this name, if there is one, and not against the one in SslOptions.
        _authority = options.CertificateHostName;
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
            SslOptions = ClientTls.Options(options),
        };
        _invoker = new HttpMessageInvoker(handler, disposeHandler: true);
    }

    public override HttpExchange Open(RequestHead head, CancellationToken over) => new SocketsExchange(_invoker, _address, _authority, head, over);

    public override ValueTask DisposeAsync()
    {
        _invoker.Dispose();
        return default;
    }
}
