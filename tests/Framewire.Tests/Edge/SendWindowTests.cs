using Framewire.Edge;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Edge;

/// <summary>How much may be in flight.</summary>
public sealed class SendWindowTests
{
    private static TimeSpan Ms(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    private static void Send(SendWindow window, ulong sequence, TimeSpan at, int bytes = 100) =>
        window.Sent(new QueuedFrame(Frames.One(sequence, bytes: bytes), at), at);

    [Fact]
    public void It_shuts_at_the_number_of_frames_and_opens_with_an_ack()
    {
        var window = new SendWindow(maxFrames: 2, maxBytes: long.MaxValue, queueingBudget: null);
        Send(window, 1, Ms(0));
        Send(window, 2, Ms(0));
        Assert.False(window.IsOpen(Ms(0)));

        Assert.True(window.TryAcknowledge(1, Ms(5), out var sent));

        Assert.Equal(1ul, sent.Queued.Frame.Sequence);
        Assert.True(window.IsOpen(Ms(5)));
        Assert.Equal((1, 100L, 2ul), (window.Count, window.Bytes, window.Oldest));
    }

    [Fact]
    public void It_shuts_at_the_number_of_bytes_but_one_frame_may_always_go()
    {
        var window = new SendWindow(maxFrames: 10, maxBytes: 150, queueingBudget: null);
        Assert.True(window.IsOpen(Ms(0)));
        Send(window, 1, Ms(0), bytes: 1000);

        Assert.False(window.IsOpen(Ms(0)));
    }

    [Fact]
    public void It_shuts_when_an_ack_is_overdue_by_far()
    {
        var window = new SendWindow(maxFrames: 100, maxBytes: long.MaxValue, queueingBudget: Ms(250));
        Send(window, 1, Ms(0));
        window.TryAcknowledge(1, Ms(40), out _);
        Send(window, 2, Ms(100));

        Assert.True(window.IsOpen(Ms(640)));
        Assert.False(window.IsOpen(Ms(641)));
    }

    [Fact]
    public void Where_a_queue_fills_up_it_shrinks_to_what_the_link_carries_and_grows_again_without()
    {
        // A link of 100 bytes in 100 ms, and nothing else: frame n is acknowledged n * 100 ms after the burst.
        var window = new SendWindow(maxFrames: 100, maxBytes: 100_000, queueingBudget: Ms(200));
        for (var sequence = 1ul; sequence <= 10; sequence++)
            Send(window, sequence, Ms(0));
        for (var sequence = 1ul; sequence <= 10; sequence++)
            window.TryAcknowledge(sequence, Ms(100 * (double)sequence), out _);

        // 1000 bytes took 1000 ms: in the best round trip and half the budget, 200 ms, the link carries 200 bytes.
        Send(window, 11, Ms(1000));
        Assert.True(window.IsOpen(Ms(1000)));
        Send(window, 12, Ms(1000));
        Assert.False(window.IsOpen(Ms(1000)));

        window.TryAcknowledge(11, Ms(1010), out _);
        window.TryAcknowledge(12, Ms(1010), out _);
        for (var sequence = 13ul; sequence <= 16; sequence++)
        {
            Assert.True(window.IsOpen(Ms(1010)));
            Send(window, sequence, Ms(1010));
        }

        Assert.False(window.IsOpen(Ms(1010)));
    }

    [Fact]
    public void A_long_way_alone_does_not_shut_it()
    {
        var window = new SendWindow(maxFrames: 100, maxBytes: 1 << 20, queueingBudget: Ms(250));
        window.Restart(roundTrip: Ms(700));
        for (var sequence = 1ul; sequence <= 60; sequence++)
        {
            var now = Ms(33.3 * sequence);
            if (sequence > 20)
                window.TryAcknowledge(sequence - 20, now, out _);
            Assert.True(window.IsOpen(now));
            Send(window, sequence, now);
        }
    }

    [Fact]
    public void Acks_that_are_late_now_and_then_do_not_shrink_it()
    {
        var window = new SendWindow(maxFrames: 100, maxBytes: 1 << 20, queueingBudget: Ms(250));
        window.Restart(roundTrip: Ms(500));
        var due = new Queue<(ulong Sequence, double At)>();
        for (var sequence = 1ul; sequence <= 300; sequence++)
        {
            var now = 33.3 * sequence;
            while (due.TryPeek(out var ack) && ack.At <= now)
                window.TryAcknowledge(due.Dequeue().Sequence, Ms(now), out _);
            // It has grown to its size after the first few round trips.
            Assert.True(sequence < 60 || window.IsOpen(Ms(now)), $"It shut before frame {sequence}.");
            Send(window, sequence, Ms(now));
            // Half of the acks take 300 ms longer than the best.
            due.Enqueue((sequence, Math.Max(due.LastOrDefault().At, now + (sequence / 10 % 2 == 0 ? 500 : 800))));
        }
    }

    [Fact]
    public void Until_acks_have_shown_that_there_is_room_64_KiB_go()
    {
        var window = new SendWindow(maxFrames: 100, maxBytes: 1 << 20, queueingBudget: Ms(250));
        window.Restart(roundTrip: Ms(500));
        for (var sequence = 1ul; sequence <= 8; sequence++)
        {
            Assert.True(window.IsOpen(Ms(33 * sequence)));
            Send(window, sequence, Ms(33 * sequence), bytes: 8 << 10);
        }

        Assert.False(window.IsOpen(Ms(270)));
        window.TryAcknowledge(1, Ms(280), out _);

        // It was acknowledged without delay: its bytes may go again, and as many more.
        Send(window, 9, Ms(280), bytes: 8 << 10);
        Assert.True(window.IsOpen(Ms(280)));
        Send(window, 10, Ms(280), bytes: 8 << 10);
        Assert.False(window.IsOpen(Ms(280)));
    }

    [Fact]
    public void A_frame_that_is_taken_back_says_nothing_of_the_link()
    {
        var window = new SendWindow(maxFrames: 100, maxBytes: 1 << 20, queueingBudget: Ms(250));
        window.Restart(roundTrip: Ms(600));
        Send(window, 1, Ms(0));
        Send(window, 2, Ms(0));

        Assert.True(window.TryTakeBack(1, out _));
        Assert.False(window.TryTakeBack(1, out _));

        Assert.Equal((1, 100L), (window.Count, window.Bytes));
        Assert.True(window.IsOpen(Ms(600)));
    }

    [Fact]
    public void Before_the_first_ack_only_a_few_frames_go()
    {
        var window = new SendWindow(maxFrames: 100, maxBytes: long.MaxValue, queueingBudget: Ms(250));
        for (var sequence = 1ul; sequence <= 8; sequence++)
        {
            Assert.True(window.IsOpen(Ms(0)));
            Send(window, sequence, Ms(0));
        }

        Assert.False(window.IsOpen(Ms(0)));
    }

    [Fact]
    public void An_ack_for_what_is_not_in_flight_changes_nothing()
    {
        var window = new SendWindow(10, long.MaxValue, null);
        Send(window, 1, Ms(0));

        Assert.False(window.TryAcknowledge(7, Ms(1), out _));
        Assert.Equal(1, window.Count);
    }
}
