using Framewire.Protocol.Video;
using Framewire.Server.Streams;

namespace Framewire.Tests.Testing;

/// <summary>A processor in the test itself: has a seat at one stream, takes every frame, and answers at once or when it is told to. Owned by one test.</summary>
internal sealed class SeatedProcessor : IAsyncDisposable
{
    private readonly Subscription _subscription;
    private readonly ProcessorSeat _seat;
    private readonly Func<Frame, FrameResult?> _answer;
    private readonly List<(string Session, ulong Sequence, FrameResult? Result)> _held = [];
    private readonly CancellationTokenSource _over = new();
    private readonly Task _running;
    private bool _holds;

    private SeatedProcessor(LiveStream stream, string name, Func<Frame, FrameResult?> answer, bool holds)
    {
        (_answer, _holds) = (answer, holds);
        _subscription = stream.TrySubscribeResident()!;
        _seat = stream.TakeSeat(name);
        _running = RunAsync();
    }

    /// <summary>Frames that it has taken.</summary>
    public int Taken { get; private set; }

    /// <summary>Sits down at a stream, which need not have a publisher yet.</summary>
    public static SeatedProcessor At(FramewireHost host, Func<Frame, FrameResult?> answer, bool holds = false, string stream = "cam", string name = "people")
    {
        Assert.True(StreamName.TryParse(stream, out var parsed));
        return new SeatedProcessor(host.Streams.FindOrAdd(parsed)!, name, answer, holds);
    }

    /// <summary>Sees so many of a label in some frames, in others nothing.</summary>
    public static Func<Frame, FrameResult?> Sees(string label, Func<ulong, int> howMany) => frame => new FrameResult
    {
        Detections = [.. Enumerable.Range(0, howMany(frame.Sequence)).Select(i => new Detection(label, (float)(frame.Sequence % 100) / 100, new Box(i / 10f, 0.5f, 0.1f, 0.25f)))],
    };

    /// <summary>Gives the answers that it holds, and from now on each at once.</summary>
    public void AnswerAll()
    {
        lock (_held)
        {
            _holds = false;
            foreach (var (session, sequence, result) in _held)
                _seat.Answer(session, sequence, result);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _seat.Dispose();
        _subscription.Dispose();
        _over.Dispose();
    }

    private async Task RunAsync()
    {
        await Task.Yield();
        while (await _subscription.NextAsync(_over.Token) is { } entry)
        {
            if (entry is StreamEvent.Arrived arrived)
                Take(arrived);
        }
    }

    private void Take(StreamEvent.Arrived arrived)
    {
        lock (_held)
        {
            _seat.Take(arrived.Session.Id, arrived.Frame.Sequence);
            Taken++;
            if (_holds)
                _held.Add((arrived.Session.Id, arrived.Frame.Sequence, _answer(arrived.Frame)));
            else
                _seat.Answer(arrived.Session.Id, arrived.Frame.Sequence, _answer(arrived.Frame));
        }

        arrived.Frame.Release();
    }
}
