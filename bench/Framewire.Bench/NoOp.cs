using Framewire.Bench.Load;
using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using Framewire.Protocol.Video;
using Framewire.Protocol.Wire;
using Framewire.Server.Processing;

namespace Framewire.Bench;

/// <summary>A processor that looks at nothing, in the server and attached to it: each in a process of its own. Stateless.</summary>
internal static class NoOp
{
    /// <summary>Serves with a no-op processor inside.</summary>
    public static Task ServeAsync() =>
        BenchServer.ServeAsync(configure: builder => builder.Services.AddFrameProcessor<Processor>("noop"), processing: new ProcessingOptions { Processors = "noop" });

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
