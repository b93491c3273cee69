using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Framewire.Server.Access;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Framewire.Server.Wire;

/// <summary>Sets Kestrel up as <see cref="TransportOptions"/> says. Called while the server is composed, before it starts.</summary>
public static class KestrelSettings
{
    /// <summary>Gives Kestrel its large blocks of memory and its limits. The limits hold for every port of the server.</summary>
    public static IServiceCollection AddWireTransport(this IServiceCollection services, TransportOptions options)
    {
        var mistakes = options.Validate().ToList();
        if (mistakes.Count > 0)
            throw new ArgumentException(string.Join(" ", mistakes), nameof(options));
        services.AddSingleton(provider => new ServerCertificates(options, provider.GetService<TimeProvider>() ?? TimeProvider.System, provider.GetRequiredService<ILogger<ServerCertificates>>()));
        services.Replace(ServiceDescriptor.Singleton<IMemoryPoolFactory<byte>>(new BlockPoolFactory(options)));
        services.Configure<SocketTransportOptions>(sockets => sockets.CreateBoundListenSocket = endpoint => Bind(endpoint, options));
        return services.Configure<KestrelServerOptions>(kestrel => Apply(kestrel, options));
    }

    /// <summary>Connections inherit the option from the socket that they come in by (tcp(7), TCP_NOTSENT_LOWAT).</summary>
    private static Socket Bind(EndPoint endpoint, TransportOptions options)
    {
        const int Tcp = 6, NotSentLowWater = 25;
        var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
        if (options.MaxUnsentBytes is { } bytes && OperatingSystem.IsLinux() && endpoint is IPEndPoint)
            socket.SetRawSocketOption(Tcp, NotSentLowWater, BitConverter.GetBytes(bytes));
        return socket;
    }

    /// <summary>Makes one port speak gRPC: HTTP/2 only, by prior knowledge or by ALPN under TLS.</summary>
    public static void UseWire(this ListenOptions port, TransportOptions options)
    {
        Use(port, options, HttpProtocols.Http2, HttpProtocols.Http2);
        // After TLS, so that it sees HTTP/2.
        port.Use(next => connection =>
        {
            var budget = new ControlFrameBudget(options.ControlFrameBurst, options.ControlFramesPerSecond, TimeProvider.System);
            connection.Transport = new WatchedTransport(new FloodGuard(connection.Transport.Input, budget), connection.Transport.Output);
            return next(connection);
        });
    }

    /// <summary>Makes one port speak to browsers and curl: HTTP/1.1, and HTTP/2 as well under TLS.</summary>
    public static void UseWeb(this ListenOptions port, TransportOptions options)
    {
        port.Use(next => connection =>
        {
            // tcp(7), TCP_USER_TIMEOUT. HTTP/1.1 has no PING: without this a viewer whose machine is gone is sent pictures for a quarter of an hour.
            const int Tcp = 6, UserTimeout = 18;
            if (OperatingSystem.IsLinux() && connection.Features.Get<IConnectionSocketFeature>()?.Socket is { AddressFamily: not AddressFamily.Unix } socket)
                socket.SetRawSocketOption(Tcp, UserTimeout, BitConverter.GetBytes((int)options.DeadViewerTimeout.TotalMilliseconds));
            return next(connection);
        });
        Use(port, options, HttpProtocols.Http1, HttpProtocols.Http1AndHttp2);
    }

    private static void Use(ListenOptions port, TransportOptions options, HttpProtocols cleartext, HttpProtocols tls)
    {
        if (port.ApplicationServices.GetService<AddressLimits>() is { } limits)
            port.Use(next => connection => LimitAsync(connection, next, limits));
        port.Protocols = options.CertificateFile is null ? cleartext : tls;
        if (options.CertificateFile is null)
            return;
        var certificates = port.ApplicationServices.GetRequiredService<ServerCertificates>();
        List<SslApplicationProtocol> protocols = tls is HttpProtocols.Http2 ? [SslApplicationProtocol.Http2] : [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11];
        port.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => new(certificates.For(protocols)) });
    }

    /// <summary>One address more than it may: closed before a byte of it is read.</summary>
    private static async Task LimitAsync(ConnectionContext connection, ConnectionDelegate next, AddressLimits limits)
    {
        using var place = limits.TryConnect((connection.RemoteEndPoint as IPEndPoint)?.Address);
        if (place is null)
            connection.Abort(new ConnectionAbortedException("Too many connections from this address."));
        else
            await next(connection);
    }

    private static void Apply(KestrelServerOptions kestrel, TransportOptions options)
    {
        kestrel.AddServerHeader = false;
        // A proxy with TLS outside and none inside passes :scheme on as https. Nothing here trusts it.
        kestrel.AllowAlternateSchemes = true;
        // Header values are bytes to gRPC: an odd one must not cost the connection.
        kestrel.RequestHeaderEncodingSelector = static _ => Encoding.Latin1;
        kestrel.Limits.MaxConcurrentConnections = options.MaxConnections;
        kestrel.Limits.MaxRequestHeadersTotalSize = options.MaxRequestHeadersBytes;
        kestrel.Limits.MaxRequestHeaderCount = options.MaxRequestHeaders;
        // A viewer may stop reading for a while; the PINGs below find the dead, and its window bounds what waits for it.
        kestrel.Limits.MinResponseDataRate = null;
        kestrel.Limits.KeepAliveTimeout = options.KeepAliveTimeout;
        kestrel.Limits.Http2.InitialStreamWindowSize = options.StreamWindowBytes;
        kestrel.Limits.Http2.InitialConnectionWindowSize = options.ConnectionWindowBytes;
        kestrel.Limits.Http2.MaxFrameSize = options.MaxFrameBytes;
        kestrel.Limits.Http2.MaxStreamsPerConnection = options.MaxCallsPerConnection;
        kestrel.Limits.Http2.MaxRequestHeaderFieldSize = options.MaxRequestHeadersBytes;
        kestrel.Limits.Http2.KeepAlivePingDelay = options.KeepAlivePingDelay;
        kestrel.Limits.Http2.KeepAlivePingTimeout = options.KeepAlivePingTimeout;
    }
}

/// <summary>A connection's two pipes, of which the incoming one is watched. Owned by its connection.</summary>
internal sealed record WatchedTransport(PipeReader Input, PipeWriter Output) : IDuplexPipe;
