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
    public void It_shuts_when_acks_take_much_longer_than_the_best_round_trip()
    {
        var window = new SendWindow(maxFrames: 100, maxBytes: long.MaxValue, queueingBudget: Ms(250));
        Send(window, 1, Ms(0));
        window.TryAcknowledge(1, Ms(40), out _);
        Send(window, 2, Ms(100));

        Assert.True(window.IsOpen(Ms(390)));
        Assert.False(window.IsOpen(Ms(391)));
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
