using System.Diagnostics.Metrics;
using Framewire.Server.Access;
using Framewire.Server.Streams;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Framewire.Server.Telemetry;

/// <summary>Puts the room together: what the server tells of itself. Called while the host is built.</summary>
internal static class TelemetryRoom
{
    /// <summary>The name of the meter, by which others in the process can listen to it too.</summary>
    public const string MeterName = "Framewire.Server";

    /// <summary>Registers the meter and what it measures.</summary>
    public static void AddTelemetry(this IServiceCollection services, FramewireOptions options)
    {
        services.AddSingleton(_ => new Meter(MeterName));
        services.AddSingleton(provider => new LevelTimes(provider.GetRequiredService<Meter>(), options.Telemetry.IsOn ? options.Telemetry.TraceEvery : 0));
        services.AddSingleton<CallCounts>();
        services.AddSingleton<MetricsText>();
        services.AddSingleton<StreamMetrics>();
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<ServerMetrics>(provider, options.Recording));
        if (options.Telemetry.IsOn)
            services.AddHostedService(_ => new OtlpExport(options.Telemetry));
    }

    /// <summary><c>GET /metrics</c>, for Prometheus. It tells names, so it is for who may see inside.</summary>
    public static void MapMetrics(this IEndpointRouteBuilder routes)
    {
        var text = routes.ServiceProvider.GetRequiredService<MetricsText>();
        var streams = routes.ServiceProvider.GetRequiredService<StreamMetrics>();
        routes.ServiceProvider.GetRequiredService<ServerMetrics>();
        routes.MapGet("/metrics", () =>
        {
            streams.Refresh();
            return Results.Text(text.Collect(), MetricsText.ContentType);
        }).Needs(Right.Admin);
    }
}
