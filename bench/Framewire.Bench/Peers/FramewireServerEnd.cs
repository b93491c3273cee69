using System.Globalization;
using Framewire.Protocol.Contracts;
using Framewire.Protocol.Wire;
using Framewire.Server;
using Framewire.Server.Recording;
using Framewire.Server.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Framewire.Bench.Peers;

/// <summary>
/// The server's end of Framewire's rungs, a process of its own that says "listening PORT". Each line on its standard input is answered with
/// "ALLOCATED GEN2": bytes allocated so far, and collections of the oldest generation.
/// </summary>
internal static class FramewireServerEnd
{
    /// <summary>The same server as <c>framewire serve</c>, recording into a folder if one is given. Until killed.</summary>
    public static async Task ServeAsync(string? recordings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.AddFramewire(new FramewireOptions
        {
            Listen = "127.0.0.1:0",
            Web = "",
            Recording = recordings is null ? new RecordingOptions() : new RecordingOptions { Streams = "*", Directory = recordings },
        });
        await RunAsync(builder.Build().MapFramewire());
    }

    /// <summary>Messages of the seed's contract and nothing above them: the reply is the number of the frame. Until killed.</summary>
    public static async Task ServeWireAsync()
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
        await app.StartAsync();
        Console.WriteLine($"listening {new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port}");
        while (await Console.In.ReadLineAsync() is not null)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{GC.GetTotalAllocatedBytes()} {GC.CollectionCount(2)}"));
    }
}
