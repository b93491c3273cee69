using System.Diagnostics;
using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using Framewire.Protocol.Wire;

namespace Framewire.Bench.Load;

/// <summary>N viewers of one stream, over a few connections. A frame is due to each of them when it was captured. Runs once.</summary>
internal sealed class WatchLoad(LoadPlan plan)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private readonly LoadTally _tally = new(plan);
    private int _watching;

    public async Task<LoadResult> RunAsync()
    {
        var connections = Enumerable.Range(0, plan.Connections).Select(_ => new ClientConnection(plan.Server)).ToList();
        using var over = new CancellationTokenSource();
        try
        {
            var broken = Task.WhenAny(Enumerable.Range(0, plan.Streams).Select(number => WatchAsync(connections[number % connections.Count], over.Token)));
            await Task.WhenAny(broken, UntilWatchingAsync());
            await Task.WhenAny(broken, Task.Delay(TimeSpan.FromSeconds(plan.WarmUpSeconds)));
            _tally.Begin(DateTimeOffset.UtcNow.Ticks);
            var since = Stopwatch.GetTimestamp();
            await Task.WhenAny(broken, Task.Delay(TimeSpan.FromSeconds(plan.Seconds)));
            var took = Stopwatch.GetElapsedTime(since);
            _tally.End(DateTimeOffset.UtcNow.Ticks);
            // A frame more or less: the window's ends lie anywhere between two frames.
            var offered = (long)(plan.Streams * Math.Floor((took.TotalSeconds * plan.FramesPerSecond) - 1));
            for (since = Stopwatch.GetTimestamp(); _tally.Acked < offered && Stopwatch.GetElapsedTime(since) < Grace;)
                await Task.Delay(10);
            var failure = broken.IsCompleted ? (await broken).Exception?.InnerException?.Message ?? "a viewer's call ended." : null;
            return _tally.Result(offered, failure) with { Seconds = took.TotalSeconds };
        }
        finally
        {
            await over.CancelAsync();
            foreach (var connection in connections)
                await connection.DisposeAsync();
        }
    }

    private async Task UntilWatchingAsync()
    {
        var since = Stopwatch.GetTimestamp();
        while (Volatile.Read(ref _watching) < plan.Streams && Stopwatch.GetElapsedTime(since) < Patience)
            await Task.Delay(10);
    }

    private async Task WatchAsync(ClientConnection connection, CancellationToken cancellation)
    {
        await using var call = connection.Start(ViewingContract.Watch, cancellation: cancellation);
        await call.Requests.WriteAsync(new WatchRequest { Stream = plan.Stream, Wait = true }, flush: false, cancellation);
        await call.CompleteAsync();
        var isWatching = false;
        while (await call.Responses.MoveNextAsync(cancellation))
        {
            if (call.Responses.Current.Frame is not { } frame)
                continue;
            _tally.Enter(frame.CapturedAt.UtcTicks, DateTimeOffset.UtcNow - frame.CapturedAt);
            frame.Release();
            if (!isWatching)
                Interlocked.Increment(ref _watching);
            isWatching = true;
        }
    }
}
