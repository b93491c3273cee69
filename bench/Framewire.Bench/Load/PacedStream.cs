using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;

namespace Framewire.Bench.Load;

/// <summary>
/// One stream of a load: sends a frame whenever one is due, and never leaves one out, however late it is. Owned by its <see cref="PacedLoad"/>,
/// whose pacing thread says what is due; a loop sends, another receives.
/// </summary>
internal abstract class PacedStream(LoadTally tally) : IAsyncDisposable
{
    private readonly Channel<long> _due = Channel.CreateUnbounded<long>(new() { SingleReader = true, SingleWriter = true });
    private readonly ConcurrentQueue<long> _unacknowledged = new();

    /// <summary>A frame is due.</summary>
    public void Due(long at) => _due.Writer.TryWrite(at);

    /// <summary>Connects, and is ready to send when done.</summary>
    public abstract Task OpenAsync(CancellationToken cancellation);

    /// <summary>Sends and receives until cancelled, or until one of both breaks.</summary>
    public async Task RunAsync(CancellationToken cancellation) => await await Task.WhenAny(SendAllAsync(cancellation), ReceiveAllAsync(cancellation));

    public abstract ValueTask DisposeAsync();

    protected abstract ValueTask SendAsync(CancellationToken cancellation);

    /// <summary>Waits for the next ack; acks come in the order of the frames.</summary>
    protected abstract ValueTask ReceiveAsync(CancellationToken cancellation);

    private async Task SendAllAsync(CancellationToken cancellation)
    {
        await foreach (var due in _due.Reader.ReadAllAsync(cancellation))
        {
            _unacknowledged.Enqueue(due);
            await SendAsync(cancellation);
        }
    }

    private async Task ReceiveAllAsync(CancellationToken cancellation)
    {
        while (true)
        {
            await ReceiveAsync(cancellation);
            if (!_unacknowledged.TryDequeue(out var due))
                throw new IOException("the server acknowledged more frames than it was sent.");
            tally.Enter(due, Stopwatch.GetElapsedTime(due));
        }
    }
}
