using System.Text.Json;
using Framewire.Server;
using Microsoft.AspNetCore.Builder;
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

/// <summary>A Framewire server within this program, as a process of its own, which says what its runtime counts whenever a line comes. Stateless.</summary>
internal static class GaugedServer
{
    /// <summary>Serves until the input ends.</summary>
    public static async Task ServeAsync()
    {
        var options = new FramewireOptions();
        new ConfigurationBuilder().AddEnvironmentVariables("FRAMEWIRE_").Build().GetSection("Server").Bind(options);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.AddFramewire(options with { Listen = "127.0.0.1:0", Web = "" });
        await using var app = builder.Build().MapFramewire();
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
