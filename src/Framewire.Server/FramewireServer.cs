using Framewire.Protocol.Contracts;
using Framewire.Protocol.Wire;
using Framewire.Server.Access;
using Framewire.Server.Discovery;
using Framewire.Server.Forms;
using Framewire.Server.Ingest;
using Framewire.Server.Processing;
using Framewire.Server.Recording;
using Framewire.Server.Streams;
using Framewire.Server.Telemetry;
using Framewire.Server.Viewing;
using Framewire.Server.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Framewire.Server;

/// <summary>
/// Puts the rooms of the server together: the streams in the middle, the other rooms around them, gRPC in front. Called once, while
/// the host is built.
/// </summary>
public static class FramewireServer
{
    /// <summary>Registers the server and its two ports.</summary>
    /// <exception cref="ArgumentException">Mistakes in the options, all of them.</exception>
    public static WebApplicationBuilder AddFramewire(this WebApplicationBuilder builder, FramewireOptions options)
    {
        if (options.Validate().ToList() is { Count: > 0 } mistakes)
            throw new ArgumentException(string.Join(" ", mistakes), nameof(options));

        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(provider => new StreamRegistry(options.Streams, provider.GetRequiredService<TimeProvider>())
        {
            LevelTimes = provider.GetRequiredService<LevelTimes>(),
        });
        builder.Services.AddSingleton(provider => new StreamForms(
            options.Forms, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<StreamForms>>()));
        builder.Services.AddRecording(options.Recording);
        builder.Services.AddProcessing(options.Processing);
        builder.Services.AddAccess(options.Access);
        builder.Services.AddTelemetry(options);
        builder.Services.AddSingleton(Dispatcher);
        builder.Services.AddCors();
        builder.Services.AddResponseCompression(compression => compression.EnableForHttps = true);
        builder.Services.AddWireTransport(options.Transport);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.Transport.DrainTimeout + TimeSpan.FromSeconds(5));
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => Listen(kestrel, options));
        return builder;
    }

    /// <summary>Puts gRPC, the page, the list of streams, pictures and health into the pipeline.</summary>
    public static WebApplication MapFramewire(this WebApplication app)
    {
        var options = app.Services.GetRequiredService<FramewireOptions>();
        app.UseBrowserGuard(options.Viewing.Origins);
        app.UseForwardedHeaders(ForwardedBy(options.Access));
        AccessGuard.Use(app);
        app.UseWire(app.Services.GetRequiredService<CallDispatcher>(), options.Transport);
        app.MapPage();
        app.MapLogin();
        app.MapStreams();
        new JpegEndpoints(
            app.Services.GetRequiredService<StreamRegistry>(), app.Services.GetRequiredService<StreamForms>(), options.Viewing, app.Lifetime).Map(app);
        app.MapExport();
        app.MapHealth();
        app.MapReady();
        app.MapMetrics();
        return app;
    }

    /// <summary>Takes a trusted proxy's word on who its client is (X-Forwarded-For), so that limits by address are of that one; nobody else's.</summary>
    private static ForwardedHeadersOptions ForwardedBy(AccessOptions access)
    {
        var forwarded = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor, ForwardLimit = null };
        forwarded.KnownIPNetworks.Clear();
        forwarded.KnownProxies.Clear();
        foreach (var proxy in access.Proxies)
            forwarded.KnownProxies.Add(proxy);
        return forwarded;
    }

    private static CallDispatcher Dispatcher(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<FramewireOptions>();
        var streams = provider.GetRequiredService<StreamRegistry>();
        var time = provider.GetRequiredService<TimeProvider>();
        var logs = provider.GetRequiredService<ILoggerFactory>();
        var publish = new PublishEndpoint(streams, provider.GetRequiredService<AccessControl>(), options.Ingest, options.Wire, time, logs.CreateLogger<PublishEndpoint>());
        var analyse = new AnalyseEndpoint(streams, options.Ingest, time, logs.CreateLogger<AnalyseEndpoint>());
        var watch = new WatchEndpoint(streams, provider.GetRequiredService<StreamForms>(), options.Viewing, () => GrpcPort(provider), time);

        var services = new ServiceTable();
        services.AddDuplex(IngestContract.Publish, publish.HandleAsync);
        services.AddDuplex(AnalyseContract.Analyse, analyse.HandleAsync);
        services.AddServerStreaming(ViewingContract.Watch, watch.WatchAsync);
        services.AddUnary(ViewingContract.ListStreams, watch.ListAsync);
        services.AddRecordings(provider, time);
        services.AddProcessing(provider, time);
        services.AddDiscovery(time);
        var calls = provider.GetRequiredService<CallCounts>();
        return new CallDispatcher(services, options.Wire, time)
        {
            Admit = AccessTable.Admit,
            RequestTimeout = options.Transport.RequestTimeout,
            Ended = (path, code) => calls.Count(AccessTable.Methods.ContainsKey(path) ? path : CallCounts.Other, code),
        };
    }

    /// <summary>The first port that was opened; known only once it is.</summary>
    private static int GrpcPort(IServiceProvider provider) =>
        provider.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() is { } address
            ? BindingAddress.Parse(address).Port
            : 0;

    private static void Listen(KestrelServerOptions kestrel, FramewireOptions options)
    {
        kestrel.Listen(FramewireOptions.ParseEndpoint(options.Listen)!, port => port.UseWire(options.Transport));
        if (options.Web.Length > 0)
            kestrel.Listen(FramewireOptions.ParseEndpoint(options.Web)!, port => port.UseWeb(options.Transport));
    }
}
