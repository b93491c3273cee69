using System.Net;
using Framewire.Protocol.Wire;
using Framewire.Server.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Framewire.Tests.Testing;

/// <summary>A real Kestrel on a port of its own that answers gRPC calls from a table. Owned by one test or fixture.</summary>
internal sealed class WireHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private WireHost(WebApplication app, CallDispatcher dispatcher, bool tls)
    {
        (_app, Dispatcher) = (app, dispatcher);
        var bound = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        Port = bound.Port;
        Address = new Uri($"{(tls ? "https" : "http")}://localhost:{Port}");
    }

    public CallDispatcher Dispatcher { get; }

    public int Port { get; }

    public Uri Address { get; }

    public static Task<WireHost> StartAsync(ServiceTable services, TransportOptions? transport = null, WireOptions? wire = null) =>
        StartAsync(new CallDispatcher(services, wire ?? new WireOptions()), transport);

    public static async Task<WireHost> StartAsync(CallDispatcher dispatcher, TransportOptions? transport = null, bool web = false)
    {
        transport ??= new TransportOptions { DrainTimeout = TimeSpan.FromMilliseconds(200) };
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddWireTransport(transport);
        // Kestrel waits for clients to close their connections; a raw one may not.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = transport.DrainTimeout + TimeSpan.FromSeconds(2));
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, port =>
        {
            if (web)
                port.UseWeb(transport);
            else
                port.UseWire(transport);
        }));
        var app = builder.Build();
        app.UseWire(dispatcher, transport);
        await app.StartAsync();
        return new WireHost(app, dispatcher, transport.CertificateFile is not null);
    }

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        Dispatcher.Dispose();
    }
}
