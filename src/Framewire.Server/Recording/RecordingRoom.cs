using Framewire.Protocol.Contracts;
using Framewire.Protocol.Wire;
using Framewire.Server.Streams;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Framewire.Server.Recording;

/// <summary>Puts the room together, if anything is recorded. Called while the host is built.</summary>
internal static class RecordingRoom
{
    /// <summary>Registers the store, the recorders and what reads.</summary>
    public static void AddRecording(this IServiceCollection services, RecordingOptions options)
    {
        if (!options.IsOn)
            return;
        services.AddSingleton(options);
        services.AddSingleton(provider => RecordingStore.Open(options.Directory, provider.GetRequiredService<ILogger<RecordingStore>>()));
        services.AddSingleton(provider => new RecordingReader(
            provider.GetRequiredService<RecordingStore>(), provider.GetRequiredService<ILogger<RecordingReader>>()));
        services.AddSingleton(provider => new ResultsReader(provider.GetRequiredService<RecordingStore>(), provider.GetRequiredService<RecordingReader>()));
        services.AddSingleton(new ReaderPlaces(options.MaxReaders));
        services.AddSingleton(provider => new ExportEndpoint(
            provider.GetRequiredService<RecordingStore>(), provider.GetRequiredService<RecordingReader>(), provider.GetRequiredService<ReaderPlaces>(), options));
        services.AddSingleton<DiskReadiness>();
        services.AddSingleton<Recorders>();
        services.AddHostedService(provider => provider.GetRequiredService<Recorders>());
    }

    /// <summary>Adds the methods of <c>framewire.v1.Recordings</c>.</summary>
    public static void AddRecordings(this ServiceTable services, IServiceProvider provider, TimeProvider time)
    {
        if (provider.GetService<RecordingStore>() is not { } store)
            return;
        var endpoint = new RecordingsEndpoint(
            store, provider.GetRequiredService<RecordingReader>(), provider.GetRequiredService<StreamRegistry>(), provider.GetRequiredService<ReaderPlaces>(),
            provider.GetRequiredService<RecordingOptions>(), time);
        services.AddUnary(RecordingsContract.List, endpoint.ListAsync);
        services.AddUnary(RecordingsContract.Timeline, endpoint.TimelineAsync);
        services.AddServerStreaming(RecordingsContract.Read, endpoint.ReadAsync);
        var results = new ResultsEndpoint(store, provider.GetRequiredService<ResultsReader>(), provider.GetRequiredService<ReaderPlaces>());
        services.AddUnary(RecordingsContract.Find, results.FindAsync);
        services.AddServerStreaming(RecordingsContract.ReadResults, results.ReadAsync);
    }

    /// <summary>Adds the export's path.</summary>
    public static void MapExport(this IEndpointRouteBuilder routes) => routes.ServiceProvider.GetService<ExportEndpoint>()?.Map(routes);
}
