using Framewire.Edge;
using Framewire.Protocol.Video;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Edge;

/// <summary>Who is dropped, and why.</summary>
public sealed class SendQueueTests
{
    private readonly DropLedger _ledger = new();

    private static TimeSpan Ms(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    private SendQueue Queue(PublishMode mode = PublishMode.Live, long maxBytes = long.MaxValue)
    {
        var queue = new SendQueue(newestWins: mode == PublishMode.Live, Ms(500), maxBytes, _ledger.Drop);
        queue.LinkChanged(upSince: TimeSpan.Zero);
        return queue;
    }

    /// <summary>Adds frames every 100 ms from time 0.</summary>
    private static void Add(SendQueue queue, string kinds, ulong first = 1)
    {
        foreach (var frame in Frames.Of(kinds, first))
            queue.Add(frame, Ms(100 * (double)(frame.Sequence - 1)));
    }

    private static string TakeAll(SendQueue queue, TimeSpan now)
    {
        var taken = new List<ulong>();
        while (queue.TryTake(now, out var next))
            taken.Add(next.Frame.Sequence);
        return string.Join(' ', taken);
    }

    private string Dropped => string.Join(' ', _ledger.Counts.Select(pair => $"{pair.Key}:{pair.Value}"));

    [Fact]
    public void Young_frames_go_out_in_order()
    {
        var queue = Queue();
        Add(queue, "KddK");

        Assert.Equal("1 2 3 4", TakeAll(queue, Ms(400)));
        Assert.Equal("", Dropped);
    }

    [Fact]
    public void When_the_oldest_is_too_old_the_newest_keyframe_is_next()
    {
        var queue = Queue();
        Add(queue, "KKKK");

        Assert.Equal("4", TakeAll(queue, Ms(650)));
        Assert.Equal("Late:2 Superseded:1", Dropped);
    }

    [Fact]
    public void Delta_frames_whose_keyframe_was_dropped_are_dropped_too()
    {
        var queue = Queue();
        Add(queue, "Kddddd");

        Assert.Equal("", TakeAll(queue, Ms(900)));
        Add(queue, "dK", first: 10);
        Assert.Equal("11", TakeAll(queue, Ms(1000)));
        Assert.Equal("Late:4 AwaitingKeyframe:3", Dropped);
    }

    [Fact]
    public void Lossless_drops_nothing_however_old()
    {
        var queue = Queue(PublishMode.Lossless, maxBytes: 10);
        Add(queue, "Kddd");

        Assert.Equal("1 2 3 4", TakeAll(queue, TimeSpan.FromHours(1)));
        Assert.Equal("", Dropped);
    }

    [Fact]
    public void What_grows_old_without_a_link_is_laid_to_the_link()
    {
        var queue = Queue();
        queue.LinkChanged(null);
        Add(queue, "KKKKKKKK");

        Assert.Equal("Disconnected:2", Dropped);
        Assert.Equal(6, queue.Count);
    }

    [Fact]
    public void Memory_is_bounded_and_the_oldest_goes_first()
    {
        var queue = Queue(maxBytes: 250);
        Add(queue, "KKKK");

        Assert.Equal("3 4", TakeAll(queue, Ms(300)));
        Assert.Equal("Overflow:2", Dropped);
    }

    [Fact]
    public void What_was_sent_in_vain_goes_out_again_first()
    {
        var queue = Queue();
        Add(queue, "Kdd");
        Assert.True(queue.TryTake(Ms(200), out var first));
        Assert.True(queue.TryTake(Ms(200), out var second));

        queue.Return([first, second]);

        Assert.Equal("1 2 3", TakeAll(queue, Ms(300)));
    }

    [Fact]
    public void Every_dropped_frame_gives_its_memory_back()
    {
        var queue = Queue();
        var frame = Frames.One(1);
        queue.Add(frame, Ms(0));
        queue.Abandon();

        Assert.Throws<ObjectDisposedException>(() => frame.Payload);
        Assert.Equal((0, 0L), (queue.Count, queue.Bytes));
    }

    [Fact]
    public void Gaps_are_told_once_as_runs_with_their_reason()
    {
        foreach (var frame in Frames.Of("ddd", first: 4))
            _ledger.Drop(frame, DropReason.Late);
        _ledger.Drop(Frames.One(7), DropReason.Superseded);
        _ledger.Drop(Frames.One(20), DropReason.Late);

        Assert.Equal([new Gap(4, 6, DropReason.Late), new Gap(7, 7, DropReason.Superseded)], _ledger.TakeUntold(below: 9));
        Assert.Empty(_ledger.TakeUntold(below: 9));
    }

    [Fact]
    public void Days_without_a_server_do_not_fill_memory_with_gaps()
    {
        for (var sequence = 1ul; sequence <= 10_000; sequence++)
            _ledger.Drop(Frames.One(sequence), sequence % 2 == 0 ? DropReason.Disconnected : DropReason.AwaitingKeyframe);

        var told = _ledger.TakeUntold(below: 10_001);

        Assert.InRange(told.Count, 1, 256);
        Assert.Equal((1ul, 10_000ul), (told[0].First, told[^1].Last));
        Assert.Equal(10_000, _ledger.Total);
    }
}
