using System.Text.Json;
using Framewire.Protocol.Contracts;
using Framewire.Protocol.Wire;
using Framewire.Server;
using Framewire.Server.Processing;
using Framewire.Server.Recording;
using Framewire.Server.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Framewire.Bench.Load;

/// <summary>What a server's runtime says of itself. Immutable.</summary>
/// <param name="ResidentBytes">Memory of the process.</param>
/// <param name="HeapBytes">What the garbage collector counts as in use.</param>
/// <param name="Gen2">Collections of everything so far.</param>
/// <param name="AllocatedBytes">All that was ever allocated.</param>
/// <param name="Handles">Open files and sockets.</param>
internal sealed record Gauge(long ResidentBytes, long HeapBytes, int Gen2, long AllocatedBytes, int Handles);

/// <summary>
/// A server within this program, as a process of its own: says "listening PORT", answers each line on its standard input with a
/// <see cref="Gauge"/> in JSON, and ends with the input. Stateless.
/// </summary>
internal static class BenchServer
{
    /// <summary>The same server as <c>framewire serve</c>, settings from its environment.</summary>
    /// <param name="recordings">Where it records every stream; not at all if null.</param>
    /// <param name="configure">What else it is to have.</param>
    /// <param name="processing">Its processors.</param>
    public static Task ServeAsync(string? recordings = null, Action<WebApplicationBuilder>? configure = null, ProcessingOptions? processing = null)
    {
        var options = new FramewireOptions { Processing = processing ?? new() };
        new ConfigurationBuilder().AddEnvironmentVariables("FRAMEWIRE_").Build().GetSection("Server").Bind(options);
        if (recordings is not null)
            options = options with { Recording = new RecordingOptions { Streams = "*", Directory = recordings } };
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.AddFramewire(options with { Listen = "127.0.0.1:0", Web = "" });
        configure?.Invoke(builder);
        return RunAsync(builder.Build().MapFramewire());
    }

    /// <summary>Messages of the seed's contract and nothing above them: the reply is the number of the frame.</summary>
    public static async Task ServeMessagesAsync()
    {
        var transport = new TransportOptions();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddWireTransport(transport);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, port => port.UseWire(transport)));
        var services = new ServiceTable();
        services.AddDuplex(AnalyseContract.Analyse, async (pictures, replies, call) =>
        {
            for (var number = 0; await pictures.MoveNextAsync(call.Cancellation); number++)
            {
                pictures.Current.Release();
                await replies.WriteAsync(number, cancellation: call.Cancellation);
            }
        });
        using var dispatcher = new CallDispatcher(services, new WireOptions());
        var app = builder.Build();
        app.UseWire(dispatcher, transport);
        await RunAsync(app);
    }

    private static async Task RunAsync(WebApplication app)
    {
        await using var running = app;
        await app.StartAsync();
        Console.WriteLine($"listening {new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port}");
        while (await Console.In.ReadLineAsync() is not null)
            Console.WriteLine(JsonSerializer.Serialize(Read()));
    }

    /// <summary>Asks a server what it counts.</summary>
    public static async Task<Gauge> GaugeAsync(this ServerChild server) => JsonSerializer.Deserialize<Gauge>(await server.AskAsync("?"))!;

    private static Gauge Read() => new(
        ProcessClock.ResidentBytes(Environment.ProcessId),
        GC.GetTotalMemory(forceFullCollection: false),
        GC.CollectionCount(2),
        GC.GetTotalAllocatedBytes(precise: true),
        Directory.GetFileSystemEntries("/proc/self/fd").Length);
}
