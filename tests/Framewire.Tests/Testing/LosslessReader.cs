using Framewire.Protocol.Video;
using Framewire.Server.Streams;

namespace Framewire.Tests.Testing;

/// <summary>
/// Reads one stream of a server in this process without losing anything, and remembers what it saw: the judge of what a publisher
/// said it had published. Owned by one test.
/// </summary>
internal sealed class LosslessReader : IAsyncDisposable
{
    private readonly Subscription _subscription;
    private readonly CancellationTokenSource _over = new();
    private readonly Task _reading;
    private readonly List<(Seen Frame, TimeSpan Age, DateTimeOffset ReceivedAt)> _arrived = [];
    private readonly List<Gap> _gaps = [];

    private LosslessReader(Subscription subscription)
    {
        _subscription = subscription;
        _reading = ReadAsync();
    }

    /// <summary>Done when the publisher has said that it is done.</summary>
    public Task WhenComplete => _reading;

    public int Count => Locked(() => _arrived.Count);

    public IReadOnlyList<Seen> Frames => Locked(() => _arrived.ConvertAll(arrived => arrived.Frame));

    public IReadOnlyList<Gap> Gaps => Locked(() => _gaps.ToList());

    /// <summary>How old each frame was when the server had it, and when that was.</summary>
    public IReadOnlyList<(TimeSpan Age, DateTimeOffset ReceivedAt)> Arrivals => Locked(() => _arrived.ConvertAll(arrived => (arrived.Age, arrived.ReceivedAt)));

    /// <summary>Begins to read a stream, which need not have a publisher yet.</summary>
    public static LosslessReader Of(FramewireHost host, string stream)
    {
        Assert.True(StreamName.TryParse(stream, out var name));
        return new LosslessReader(host.Streams.FindOrAdd(name)!.TrySubscribe(Overflow.Wait)!);
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _subscription.Dispose();
        _over.Dispose();
    }

    private async Task ReadAsync()
    {
        await Task.Yield();
        while (true)
        {
            switch (await _subscription.NextAsync(_over.Token))
            {
                case null:
                    throw new InvalidOperationException("The reader was detached.");
                case StreamEvent.Arrived { Frame: var frame }:
                    Remember(frame);
                    break;
                case StreamEvent.Missed missed:
                    Locked(() => _gaps.Add(missed.Gap));
                    break;
                case StreamEvent.WentOffline { Complete: true }:
                    return;
            }
        }
    }

    private void Remember(Frame frame)
    {
        var seen = new Seen(frame.Sequence, frame.Pts, frame.IsKeyframe, Viewer.Hash(frame.Payload.Span));
        Locked(() => _arrived.Add((seen, frame.ReceivedAt - frame.CapturedAt, frame.ReceivedAt)));
        frame.Release();
    }

    private T Locked<T>(Func<T> read)
    {
        lock (_arrived)
            return read();
    }

    private void Locked(Action change)
    {
        lock (_arrived)
            change();
    }
}
