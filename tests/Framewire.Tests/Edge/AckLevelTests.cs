using Framewire.Edge;
using Framewire.Protocol.Video;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Edge;

/// <summary>A frame is kept until it has come as far as was asked, and what is in flight is what was not even received.</summary>
public sealed class AckLevelTests
{
    private readonly ManualClock _clock = new();

    private Outbox Outbox(int window = 4, PublishMode mode = PublishMode.Lossless, long memory = 256L << 20)
    {
        var outbox = new Outbox(
            new PublisherOptions
            {
                Server = new Uri("http://localhost"),
                Stream = "cam",
                Mode = mode,
                Ack = PublishAck.Persisted,
                WindowFrames = window,
                WindowBytes = 1 << 20,
                MemoryBytes = memory,
            },
            _clock);
        outbox.LinkUp(new SequenceSet());
        return outbox;
    }

    private static async Task OfferAsync(Outbox outbox, int count, int bytes = 100)
    {
        for (var i = 0; i < count; i++)
            await outbox.OfferAsync(Frames.One(0, bytes: bytes), default);
    }

    private static async Task<ulong[]> SendAsync(Outbox outbox, int count)
    {
        var sent = new ulong[count];
        for (var i = 0; i < count; i++)
        {
            var next = await outbox.NextAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(10));
            sent[i] = next!.Value.Frame.Sequence;
            next.Value.Frame.Release();
        }

        return sent;
    }

    private static (long Acked, long InFlight) Now(Outbox outbox)
    {
        var now = outbox.Snapshot();
        Assert.Equal(now.Captured, now.Acked + now.DroppedTotal + now.Queued + now.Spooled + now.InFlight);
        return (now.Acked, now.InFlight);
    }

    [Fact]
    public async Task A_received_frame_opens_the_window_and_is_kept_until_it_is_on_disk()
    {
        var outbox = Outbox(window: 2);
        await OfferAsync(outbox, 3);
        await SendAsync(outbox, 2);

        outbox.Acknowledge(1, duplicate: false);

        Assert.Equal((0L, 2L), Now(outbox));
        Assert.Equal(3ul, (await SendAsync(outbox, 1))[0]);
        outbox.Acknowledge(new SequenceRun(1, 1), PublishAck.Persisted);
        Assert.Equal((1L, 2L), Now(outbox));
    }

    [Fact]
    public async Task A_run_on_disk_settles_what_was_received_and_what_was_only_sent()
    {
        var outbox = Outbox(window: 8);
        await OfferAsync(outbox, 5);
        outbox.CompleteCapture();
        await SendAsync(outbox, 4);
        outbox.Acknowledge(1, duplicate: false);
        outbox.Acknowledge(2, duplicate: false);

        outbox.Acknowledge(new SequenceRun(1, 3), PublishAck.Persisted);

        Assert.Equal((3L, 1L), Now(outbox));
        Assert.Equal(1, outbox.InFlight);
        outbox.Acknowledge(3, duplicate: false);
        Assert.Equal((3L, 1L), Now(outbox));
        await SendAsync(outbox, 1);
        outbox.Acknowledge(new SequenceRun(4, 5), PublishAck.Persisted);
        Assert.True(outbox.IsComplete);
    }

    [Fact]
    public async Task A_level_below_the_one_asked_for_settles_nothing()
    {
        var outbox = Outbox();
        await OfferAsync(outbox, 1);
        await SendAsync(outbox, 1);
        outbox.Acknowledge(1, duplicate: false);

        outbox.Acknowledge(new SequenceRun(1, 1), PublishAck.Processed);

        Assert.Equal((0L, 1L), Now(outbox));
    }

    [Fact]
    public async Task A_link_lost_between_the_two_levels_sends_again_what_the_server_does_not_say_it_has()
    {
        var outbox = Outbox(window: 8);
        await OfferAsync(outbox, 4);
        await SendAsync(outbox, 4);
        for (var sequence = 1ul; sequence <= 3; sequence++)
            outbox.Acknowledge(sequence, duplicate: false);
        outbox.LinkDown();
        Assert.Equal(1ul, outbox.NextSequence);

        outbox.LinkUp(new SequenceSet([new SequenceRun(2, 2)]));

        Assert.Equal((1L, 0L), Now(outbox));
        var again = await SendAsync(outbox, 3);
        Assert.Equal([1ul, 3, 4], again);
    }

    [Theory]
    [InlineData(1, ulong.MaxValue / 2)]
    [InlineData(0, ulong.MaxValue)]
    [InlineData(ulong.MaxValue, ulong.MaxValue)]
    [InlineData(3, 1)]
    public async Task A_run_of_any_size_takes_no_longer_and_settles_only_what_was_sent(ulong first, ulong last)
    {
        var outbox = Outbox(window: 2);
        await OfferAsync(outbox, 3);
        await SendAsync(outbox, 2);
        outbox.Acknowledge(1, duplicate: false);
        var isAll = first <= 1 && last >= 2;

        outbox.Acknowledge(new SequenceRun(first, last), PublishAck.Persisted);
        Assert.Equal(isAll ? (2L, 0L) : (0L, 2L), Now(outbox));

        outbox.LinkUp(new SequenceSet([new SequenceRun(first, last)]));
        var next = await SendAsync(outbox, isAll ? 1 : 2);
        Assert.Equal(isAll ? [3ul] : [1ul, 2ul], next);
    }

    [Fact]
    public async Task A_live_publisher_gives_up_the_oldest_when_the_servers_disk_keeps_it_waiting()
    {
        var outbox = Outbox(window: 8, PublishMode.Live, memory: 1 << 20);
        for (var sequence = 1ul; sequence <= 5; sequence++)
        {
            await OfferAsync(outbox, 1, bytes: 300_000);
            await SendAsync(outbox, 1);
            outbox.Acknowledge(sequence, duplicate: false);
        }

        Assert.Equal((0L, 3L), Now(outbox));
        Assert.Equal(2, outbox.Snapshot().Dropped[DropReason.NotRecorded]);
        outbox.Acknowledge(new SequenceRun(1, 5), PublishAck.Persisted);
        Assert.Equal((3L, 0L), Now(outbox));
    }

    [Fact]
    public void A_gap_told_on_a_link_that_broke_is_told_again_but_for_what_the_server_has()
    {
        var ledger = new DropLedger();
        ledger.Drop(new SequenceRun(1, 10), DropReason.SpoolFull);
        ledger.Drop(new SequenceRun(11, 12), DropReason.SpoolFull);
        Gap[] all = [new(1, 12, DropReason.SpoolFull)];
        Assert.Equal(all, ledger.TakeUntold(20));
        Assert.Empty(ledger.TakeUntold(20));

        ledger.LinkUp(new SequenceSet());
        Assert.Equal(all, ledger.TakeUntold(20));
        ledger.LinkUp(new SequenceSet([new SequenceRun(1, 3), new SequenceRun(7, 7)]));

        Assert.Equal([new Gap(4, 6, DropReason.SpoolFull), new Gap(8, 12, DropReason.SpoolFull)], ledger.TakeUntold(20));
        ledger.LinkUp(new SequenceSet([new SequenceRun(1, 12)]));
        Assert.Empty(ledger.TakeUntold(ulong.MaxValue));
        Assert.Equal(12, ledger.Total);
    }
}
