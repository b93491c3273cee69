using System.Diagnostics;
using Framewire.Edge;
using Framewire.Edge.Sources;
using Framewire.Protocol.Wire;
using Microsoft.Extensions.Logging.Abstractions;

namespace Framewire.Bench.Load;

/// <summary>A real publisher that runs beside what is measured, until it is stopped. Owned by the measurement.</summary>
internal sealed class RunningPublisher : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _stop = new();
    private readonly Publisher _publisher;
    private readonly Task _running;

    private RunningPublisher(PublisherOptions options, FrameSource source)
    {
        _publisher = new Publisher(options, source, new ClientConnectionOptions(), TimeProvider.System, NullLogger.Instance);
        _running = _publisher.RunAsync(_stop.Token);
    }

    /// <summary>Starts it and waits for its first ack. The source becomes its own.</summary>
    public static async Task<RunningPublisher> StartAsync(PublisherOptions options, FrameSource source)
    {
        var running = new RunningPublisher(options, source);
        var since = Stopwatch.GetTimestamp();
        while (running.Snapshot().Acked == 0)
        {
            if (running._running.IsCompleted)
                await running._running;
            if (Stopwatch.GetElapsedTime(since) > Patience)
                throw new IOException($"no frame of '{options.Stream}' was acknowledged within {Patience.TotalSeconds:0} s.");
            await Task.Delay(5);
        }

        return running;
    }

    public PublisherSnapshot Snapshot() => _publisher.Snapshot();

    /// <summary>Stops it, and answers how it ended.</summary>
    public async Task<PublisherSnapshot> StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
        return Snapshot();
    }

    /// <summary>Megabytes a second that are acknowledged in a window of time.</summary>
    public async Task<double> RateAsync(TimeSpan window)
    {
        var (bytes, since) = (Snapshot().Bytes, Stopwatch.GetTimestamp());
        await Task.Delay(window);
        return (Snapshot().Bytes - bytes) / Stopwatch.GetElapsedTime(since).TotalSeconds / 1e6;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _publisher.DisposeAsync();
        _stop.Dispose();
    }
}
