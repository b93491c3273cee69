using System.Net.Security;

namespace Framewire.Protocol.Wire.Http2;

/// <summary>
/// HTTP/2 by Framewire itself: cleartext with prior knowledge for http, TLS with ALPN for https. One connection for all calls, made when the first starts and again
/// when the last one takes no more. Owned by a connection; any thread.
/// </summary>
internal sealed class Http2Transport(Uri address, ClientConnectionOptions options) : HttpTransport
{
    private readonly Lock _lock = new();
    private readonly HashSet<Http2Connection> _open = [];
#pragma warning disable CA2213 // A call that starts too late shall find it cancelled.
    private readonly CancellationTokenSource _disposal = new();
#pragma warning restore CA2213
    private Task<Http2Connection>? _connecting;

    public override HttpExchange Open(RequestHead head, CancellationToken over) => new Http2Exchange(this, head, over);

    /// <summary>A place for one call on a connection; connects if there is no connection that takes one.</summary>
    /// <exception cref="GrpcException">There is no connection to be had (UNAVAILABLE).</exception>
    public async ValueTask<Http2Connection> ReserveAsync(CancellationToken cancellation)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            var connection = await Connecting().WaitAsync(cancellation);
            if (await connection.Streams.ReserveAsync(cancellation))
                return connection;
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await _disposal.CancelAsync();
        List<Http2Connection> open;
        lock (_lock)
            open = [.. _open];
        foreach (var connection in open)
            connection.Dispose();
    }

    private Task<Http2Connection> Connecting()
    {
        lock (_lock)
        {
            if (_disposal.IsCancellationRequested)
                return Task.FromException<Http2Connection>(new GrpcException(GrpcStatusCode.Cancelled, "The connection was disposed at this end."));
            if (_connecting is null or { IsFaulted: true } or { IsCanceled: true } || (_connecting.IsCompleted && _connecting.Result.Streams.Closed))
                _connecting = ConnectAsync();
            return _connecting;
        }
    }

    private async Task<Http2Connection> ConnectAsync()
    {
        // Never within the lock of whoever asked.
        await Task.Yield();
        var tls = address.Scheme == Uri.UriSchemeHttps ? Tls() : null;
        var connection = await Http2Connection.OpenAsync(address, options, tls, _disposal.Token);
        lock (_lock)
            _open.Add(connection);
        _ = ForgetAsync(connection);
        if (_disposal.IsCancellationRequested)
            connection.Dispose();
        return connection;
    }

    private async Task ForgetAsync(Http2Connection connection)
    {
        await connection.Ended;
        lock (_lock)
            _open.Remove(connection);
    }

    private SslClientAuthenticationOptions Tls()
    {
        var tls = ClientTls.Options(options);
        tls.TargetHost = options.CertificateHostName ?? address.IdnHost;
        tls.ApplicationProtocols = [SslApplicationProtocol.Http2];
        return tls;
    }
}
