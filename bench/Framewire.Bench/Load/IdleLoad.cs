using Framewire.Protocol.Video;
using Framewire.Protocol.Wire;

namespace Framewire.Bench.Load;

/// <summary>N publishers that are connected, have sent one frame, and say no more than that they are there. Runs once.</summary>
internal sealed class IdleLoad(LoadPlan plan)
{
    private readonly LoadTally _tally = new(plan);
    private readonly FrameBuffer _payload = MadePayload.Of(Codec.Jpeg, plan.Bytes);

    public async Task<LoadResult> RunAsync()
    {
        var connections = Enumerable.Range(0, plan.Connections).Select(_ => new ClientConnection(plan.Server)).ToList();
        using var over = new CancellationTokenSource();
        var streams = Enumerable.Range(0, plan.Streams)
            .Select(number => new PublishStream(connections[number % connections.Count], $"idle-{number}", _payload, _tally)).ToList();
        try
        {
            List<Task> idling = [];
            foreach (var some in streams.Chunk(32))
            {
                await Task.WhenAll(some.Select(stream => stream.OpenAsync(over.Token)));
                await Task.WhenAll(some.Select(stream => stream.SendOneAsync(over.Token)));
                idling.AddRange(some.Select(stream => stream.IdleAsync(over.Token)));
            }

            var broken = Task.WhenAny(idling);
            await Task.WhenAny(broken, Task.Delay(TimeSpan.FromSeconds(plan.WarmUpSeconds)));
            _tally.Begin(0);
            await Task.WhenAny(broken, Task.Delay(TimeSpan.FromSeconds(plan.Seconds)));
            _tally.End(0);
            var failure = broken.IsCompleted ? (await broken).Exception?.InnerException?.Message ?? "a stream ended." : null;
            return _tally.Result(plan.Streams, failure) with { Acked = plan.Streams };
        }
        finally
        {
            await over.CancelAsync();
            foreach (var connection in connections)
                await connection.DisposeAsync();
            foreach (var stream in streams)
                await stream.DisposeAsync();
        }
    }
}
