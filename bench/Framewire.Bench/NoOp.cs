using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using Framewire.Protocol.Video;
using Framewire.Protocol.Wire;
using Framewire.Server;
using Framewire.Server.Processing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Framewire.Bench;

/// <summary>A processor that looks at nothing, in the server and attached to it: each in a process of its own. Stateless.</summary>
internal static class NoOp
{
    /// <summary>Serves with a no-op processor inside, until killed.</summary>
    public static async Task ServeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.AddFramewire(new FramewireOptions { Listen = "127.0.0.1:0", Web = "", Processing = new() { Processors = "noop" } });
        builder.Services.AddFrameProcessor<Processor>("noop");
        var app = builder.Build().MapFramewire();
        await app.StartAsync();
        await Console.Error.WriteLineAsync($"Taking frames on {app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()}");
        await app.WaitForShutdownAsync();
    }

    /// <summary>Attaches a no-op processor, until killed.</summary>
    public static async Task AttachAsync(Uri server)
    {
        await using var connection = new ClientConnection(server, new ClientConnectionOptions());
        await using var call = connection.Start(ProcessingContract.Attach);
        await call.Requests.WriteAsync(new AttachRequest { Attach = new Attach { Processor = "noop", Streams = { "*" }, Mode = Mode.Live, Credit = 8 } });
        while (await call.Responses.MoveNextAsync())
        {
            if (call.Responses.Current is not { Frame: { } frame, Other.Stream: var stream })
            {
                if (call.Responses.Current.Other?.Attached is not null)
                    Console.WriteLine("attached");
                continue;
            }

            frame.Release();
            await call.Requests.WriteAsync(new AttachRequest { Answer = new Answer { Stream = stream, Sequence = frame.Sequence, Result = new Result { Reply = 0 } } });
        }
    }

    private sealed class Processor : IFrameProcessor
    {
        private static readonly FrameResult Nothing = new() { Reply = 0 };

        public ValueTask<FrameResult?> ProcessAsync(ProcessorInput input, CancellationToken cancellation) => new(Nothing);
    }
}
