using Framewire.Edge;
using Framewire.Protocol.Video;
using Framewire.Tests.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace Framewire.Tests.Edge;

/// <summary>Where every frame is: the sum is always right.</summary>
public sealed class OutboxTests
{
    private readonly ManualClock _clock = new();

    private Outbox Outbox(PublishMode mode, long memory = 256L << 20, int window = 4) => new(
        new PublisherOptions { Server = new Uri("http://localhost"), Stream = "cam", Mode = mode, MemoryBytes = memory, WindowFrames = window, WindowBytes = 1 << 20 },
        _clock);

    private static async Task<ulong> SendAsync(Outbox outbox)
    {
        var next = await outbox.NextAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(10));
        next!.Value.Frame.Release();
        return next.Value.Frame.Sequence;
    }

    [Fact]
    public async Task Frames_are_numbered_from_1_and_complete_when_all_are_acknowledged()
    {
        var outbox = Outbox(PublishMode.Lossless);
        outbox.LinkUp(new SequenceSet());
        await outbox.OfferAsync(Frames.One(0), default);
        await outbox.OfferAsync(Frames.One(0), default);
        outbox.CompleteCapture();

        Assert.Equal((1ul, 2ul), (await SendAsync(outbox), await SendAsync(outbox)));
        outbox.Acknowledge(1, duplicate: false);
        Assert.False(outbox.IsComplete);
        outbox.Acknowledge(2, duplicate: true);

        Assert.Null(await outbox.NextAsync(default));
        Assert.Equal((2L, 2L, 1L), (outbox.Snapshot().Captured, outbox.Snapshot().Acked, outbox.Snapshot().Duplicates));
    }

    [Fact]
    public async Task A_shut_window_waits_for_an_ack()
    {
        var outbox = Outbox(PublishMode.Lossless, window: 1);
        outbox.LinkUp(new SequenceSet());
        await outbox.OfferAsync(Frames.One(0), default);
        await outbox.OfferAsync(Frames.One(0), default);
        await SendAsync(outbox);

        var second = SendAsync(outbox);
        Assert.False(second.IsCompleted);
        outbox.Acknowledge(1, duplicate: false);

        Assert.Equal(2ul, await second);
    }

    [Fact]
    public async Task After_a_reconnect_only_what_the_server_has_not_is_sent_again()
    {
        var outbox = Outbox(PublishMode.Lossless);
        outbox.LinkUp(new SequenceSet());
        for (var i = 0; i < 4; i++)
            await outbox.OfferAsync(Frames.One(0), default);
        for (var i = 0; i < 3; i++)
            await SendAsync(outbox);
        outbox.LinkDown();
        Assert.Equal(1ul, outbox.NextSequence);

        outbox.LinkUp(new SequenceSet([new SequenceRun(1, 2)]));

        Assert.Equal(2, outbox.Snapshot().Acked);
        Assert.Equal((3ul, 4ul), (await SendAsync(outbox), await SendAsync(outbox)));
    }

    [Fact]
    public void A_reconnect_is_a_link_on_which_the_server_has_answered_and_no_mere_attempt()
    {
        var outbox = Outbox(PublishMode.Lossless);
        outbox.LinkUp(new SequenceSet());
        outbox.LinkDown();
        outbox.LinkUp(new SequenceSet());
        outbox.LinkAnswered();
        Assert.Equal(0, outbox.Snapshot().Reconnects);

        outbox.LinkUp(new SequenceSet());
        outbox.LinkAnswered();

        Assert.Equal(1, outbox.Snapshot().Reconnects);
    }

    [Fact]
    public async Task Lossless_capture_waits_for_room_in_memory()
    {
        var outbox = Outbox(PublishMode.Lossless, memory: 1 << 20);
        outbox.LinkUp(new SequenceSet());
        await outbox.OfferAsync(Frames.One(0, bytes: 1 << 20), default);

        var second = outbox.OfferAsync(Frames.One(0), default).AsTask();
        Assert.False(second.IsCompleted);
        await SendAsync(outbox);
        outbox.Acknowledge(1, duplicate: false);

        await second.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_sender_that_is_asked_to_stop_takes_no_frame_however_many_wait()
    {
        var outbox = Outbox(PublishMode.Lossless);
        outbox.LinkUp(new SequenceSet());
        await outbox.OfferAsync(Frames.One(0), default);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await outbox.NextAsync(new CancellationToken(canceled: true)));

        Assert.Equal((1L, 0L), (outbox.Snapshot().Queued, outbox.Snapshot().InFlight));
    }

    [Fact]
    public async Task A_frame_whose_wait_for_room_is_cut_short_is_still_counted()
    {
        var outbox = Outbox(PublishMode.Lossless, memory: 1 << 20);
        await outbox.OfferAsync(Frames.One(0, bytes: 1 << 20), default);
        using var stop = new CancellationTokenSource();
        var second = outbox.OfferAsync(Frames.One(0), stop.Token).AsTask();
        Assert.False(second.IsCompleted);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.Equal((2L, 2L), (outbox.Snapshot().Captured, outbox.Snapshot().Queued));
    }

    [Fact]
    public async Task A_reader_hears_of_a_gap_before_the_frame_behind_it()
    {
        var outbox = Outbox(PublishMode.Live);
        outbox.LinkUp(new SequenceSet());
        await outbox.OfferAsync(Frames.One(0), default);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await outbox.OfferAsync(Frames.One(0), default);

        var next = await outbox.NextAsync(default);

        Assert.Equal(2ul, next!.Value.Frame.Sequence);
        Assert.Equal([new Gap(1, 1, DropReason.Late)], next.Value.Gaps);
    }

    [Fact]
    public async Task A_report_tells_of_the_time_since_the_last_one_and_where_every_frame_is()
    {
        var outbox = Outbox(PublishMode.Lossless);
        outbox.LinkUp(new SequenceSet());
        await outbox.OfferAsync(Frames.One(0), default);
        await outbox.OfferAsync(Frames.One(0), default);
        _clock.Advance(TimeSpan.FromMilliseconds(20));
        await SendAsync(outbox);
        _clock.Advance(TimeSpan.FromMilliseconds(100));
        var atServer = _clock.GetUtcNow().AddMilliseconds(-50).AddSeconds(7);
        outbox.Acknowledge(1, duplicate: false, new ServerTimes(atServer, atServer));

        var (first, second) = (outbox.TakeReport(), outbox.TakeReport());

        // Two digits of the times are kept.
        Assert.InRange(first.Lately.QueueP50.TotalMilliseconds, 19.8, 20.2);
        Assert.InRange(first.Lately.AckP50.TotalMilliseconds, 99, 101);
        Assert.InRange(first.Lately.AckP99.TotalMilliseconds, 99, 101);
        Assert.Equal(default, second.Lately);
        Assert.Equal((2L, 1L, 1L, TimeSpan.FromSeconds(7)), (second.Now.Captured, second.Now.Acked, second.Now.Queued, second.Now.ClockOffset));
    }

    [Fact]
    public void Captured_is_always_the_sum_whatever_happens() => Prop.ForAll<int[]>(steps =>
    {
        var outbox = Outbox(PublishMode.Live);
        var inFlight = new Queue<ulong>();
        foreach (var step in steps ?? [])
        {
            Act(outbox, inFlight, Math.Abs(step % 9));
            var now = outbox.Snapshot();
            if (now.Captured != now.Acked + now.DroppedTotal + now.Queued + now.InFlight)
                return false;
        }

        return true;
    }).QuickCheckThrowOnFailure();

    /// <summary>One of the things that can happen to an outbox.</summary>
    private void Act(Outbox outbox, Queue<ulong> inFlight, int step)
    {
        switch (step)
        {
            case 0 or 1 or 2:
                Assert.True(outbox.OfferAsync(Frames.One(0, isKeyframe: step == 0), default).AsTask().IsCompletedSuccessfully);
                break;
            case 3 or 4:
                using (var now = new CancellationTokenSource())
                {
                    var next = outbox.NextAsync(now.Token).AsTask();
                    if (next is { IsCompletedSuccessfully: true, Result: { } sent })
                    {
                        inFlight.Enqueue(sent.Frame.Sequence);
                        sent.Frame.Release();
                    }

                    now.Cancel();
                }

                break;
            case 5 when inFlight.TryDequeue(out var acked):
                outbox.Acknowledge(acked, duplicate: false);
                break;
            case 6 when inFlight.TryDequeue(out var refused):
                outbox.Reject(refused);
                break;
            case 7:
                outbox.LinkDown();
                outbox.LinkUp(new SequenceSet([new SequenceRun(1, inFlight.TryPeek(out var oldest) ? oldest : 0)]));
                inFlight.Clear();
                break;
            case 8:
                _clock.Advance(TimeSpan.FromMilliseconds(300));
                break;
        }
    }
}
