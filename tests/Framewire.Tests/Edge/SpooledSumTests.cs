using Framewire.Edge;
using Framewire.Protocol.Video;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Edge;

/// <summary>
/// A model of a server and of everything that can happen to a publisher with a spool, its death included: the sum is always right, and
/// at the end every frame is at the server once, or was told to be lost.
/// </summary>
public sealed class SpooledSumTests : IDisposable
{
    private readonly Folder _folder = Folder.InMemory();
    private readonly ManualClock _clock = new();
    private readonly Dictionary<ulong, string> _captured = [];
    private readonly Dictionary<ulong, string> _server = [];
    private readonly SequenceSet _persisted = new();
    private readonly SequenceSet _told = new();
    private readonly List<ulong> _inFlight = [];
    private readonly List<Gap> _onTheWay = [];
    private SpoolBench? _bench;
    private int _number;
    private ulong _last;
    private bool _isUp;
    private int _directory;

    public void Dispose()
    {
        _bench?.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(false, 200 << 10)]
    [InlineData(true, 0)]
    [InlineData(true, 200 << 10)]
    public async Task Captured_is_always_the_sum_and_every_frame_is_at_the_server_or_told(bool inOrder, long maxBytes)
    {
        var seed = Random.Shared.Next(1_000_000);
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        Open(inOrder, maxBytes);
        for (var step = 0; step < 600; step++)
        {
            await ActAsync(random, inOrder, maxBytes);
            _ = _bench!.Now;
        }

        await EndAsync();
        TestContext.Current.TestOutputHelper?.WriteLine($"{_captured.Count} captured, {_server.Count} at the server, told {_told}, {_directory} deaths");
        Assert.All(_captured, frame => Assert.True(
            _told.Contains(frame.Key) || (_server.TryGetValue(frame.Key, out var hash) && hash == frame.Value), $"frame {frame.Key} is nowhere, or another"));
        Assert.Equal(_captured.Count, _captured.Values.Distinct().Count());
        if (maxBytes == 0)
            Assert.Equal((_captured.Count, 0ul), (_server.Count, _told.Count));
    }

    private void Open(bool inOrder, long maxBytes) => _bench = new SpoolBench(_folder[$"life-{_directory}"], _clock, spool => spool with
    {
        InOrder = inOrder,
        SegmentBytes = 4 << 10,
        MaxBytes = maxBytes > 0 ? maxBytes : 1L << 30,
    });

    private async Task ActAsync(Random random, bool inOrder, long maxBytes)
    {
        switch (random.Next(16))
        {
            case < 6:
                await CaptureAsync();
                break;
            case < 9 when _isUp:
                await TrySendAsync();
                break;
            case 9 or 10 when _inFlight.Count > 0:
                Receive(random.Next(_inFlight.Count));
                break;
            case 11 when _isUp && _server.Count > 0:
                Persist(random);
                break;
            case 12:
                LinkUp();
                break;
            case 13:
                _clock.Advance(TimeSpan.FromMilliseconds(random.Next(2) == 0 ? 200 : 700));
                break;
            case 14 when random.Next(4) == 0:
                Die(inOrder, maxBytes);
                break;
            case 15:
                LinkDown();
                break;
        }
    }

    private async Task CaptureAsync()
    {
        var before = _bench!.Outbox.Snapshot().Captured;
        await _bench.CaptureAsync(++_number, 1, bytes: 1000);
        Assert.Equal(before + 1, _bench.Outbox.Snapshot().Captured);
        _captured.Add(++_last, SpoolBench.HashOf(_number));
    }

    private async Task TrySendAsync()
    {
        using var now = new CancellationTokenSource();
        var next = _bench!.Outbox.NextAsync(now.Token).AsTask();
        if (!next.IsCompletedSuccessfully)
        {
            await now.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
            return;
        }

        if (next.Result is not { } sent)
            return;
        _onTheWay.AddRange(sent.Gaps);
        _inFlight.Add(sent.Frame.Sequence);
        if (!_server.TryAdd(sent.Frame.Sequence, Viewer.Hash(sent.Frame.Payload.Span)))
            Assert.Equal(_server[sent.Frame.Sequence], Viewer.Hash(sent.Frame.Payload.Span));
        sent.Frame.Release();
    }

    private void Receive(int index)
    {
        var sequence = _inFlight[index];
        _inFlight.RemoveAt(index);
        Arrive();
        _bench!.Outbox.Acknowledge(sequence, duplicate: false);
    }

    private void Persist(Random random)
    {
        var upTo = _server.Keys.Order().ElementAt(random.Next(_server.Count));
        foreach (var sequence in _server.Keys.Where(sequence => sequence <= upTo && !_inFlight.Contains(sequence)))
            _persisted.Add(sequence);
        Arrive();
        foreach (var run in _persisted.Runs)
            _bench!.Outbox.Acknowledge(run, PublishAck.Persisted);
    }

    /// <summary>What was on its way is at the server, and safe there.</summary>
    private void Arrive()
    {
        foreach (var gap in _onTheWay)
        {
            _told.Add(new SequenceRun(gap.First, gap.Last));
            _persisted.Add(new SequenceRun(gap.First, gap.Last));
        }

        _onTheWay.Clear();
    }

    private void LinkUp()
    {
        LinkDown();
        _bench!.Outbox.LinkUp(_persisted, TimeSpan.Zero);
        _isUp = true;
    }

    /// <summary>What was on its way is lost, frames and gaps.</summary>
    private void LinkDown()
    {
        if (!_isUp)
            return;
        _isUp = false;
        foreach (var sequence in _inFlight.Where(sequence => !_persisted.Contains(sequence)))
            _server.Remove(sequence);
        _inFlight.Clear();
        _onTheWay.Clear();
        _bench!.Outbox.LinkDown();
    }

    private void Die(bool inOrder, long maxBytes)
    {
        LinkDown();
        _bench!.Copy(_folder[$"life-{++_directory}"]);
        _bench.Dispose();
        Open(inOrder, maxBytes);
    }

    private async Task EndAsync()
    {
        LinkUp();
        _bench!.Outbox.CompleteCapture();
        while (!_bench.Outbox.IsComplete)
        {
            await TrySendAsync();
            while (_inFlight.Count > 0)
                Receive(0);
            foreach (var sequence in _server.Keys)
                _persisted.Add(sequence);
            _bench.Outbox.Acknowledge(new SequenceRun(1, ulong.MaxValue), PublishAck.Persisted);
            _clock.Advance(TimeSpan.FromMilliseconds(700));
        }

        foreach (var gap in _bench.Outbox.TakeLastGaps())
            _told.Add(new SequenceRun(gap.First, gap.Last));
        Assert.Equal(0, _bench.Now.Queued + _bench.Now.Spooled + _bench.Now.InFlight);
    }
}
