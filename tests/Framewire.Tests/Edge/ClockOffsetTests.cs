using Framewire.Edge;
using Framewire.Protocol.Contracts;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Edge;

/// <summary>How far the server's clock is from ours, by its acks.</summary>
public sealed class ClockOffsetTests
{
    private static readonly TimeSpan Ahead = TimeSpan.FromSeconds(7);

    private readonly ClockOffset _offset = new();

    /// <summary>An ack of a server whose clock is ahead by so much, with the delays of either way in milliseconds.</summary>
    private void Learn(TimeSpan ahead, int there, int back, int atServer = 0)
    {
        var sentAt = ManualClock.Start;
        var receivedAt = sentAt.AddMilliseconds(there) + ahead;
        var answeredAt = receivedAt.AddMilliseconds(atServer);
        _offset.Learn(sentAt, new ServerTimes(receivedAt, answeredAt), sentAt.AddMilliseconds(there + atServer + back));
    }

    [Fact]
    public void Nothing_is_known_before_the_first_ack() => Assert.Null(_offset.Value);

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(-90)]
    [InlineData(-1_700_000_000)]
    public void Equal_delays_give_the_exact_offset_however_long_the_server_took(int seconds)
    {
        Learn(TimeSpan.FromSeconds(seconds), there: 40, back: 40, atServer: 333);

        Assert.Equal(TimeSpan.FromSeconds(seconds), _offset.Value);
    }

    [Fact]
    public void The_shortest_round_trip_wins_whenever_it_came()
    {
        Learn(Ahead, there: 500, back: 10);
        Learn(Ahead, there: 5, back: 5, atServer: 1000);
        Learn(Ahead, there: 10, back: 300);
        _offset.NextInterval();
        Learn(Ahead, there: 200, back: 20);

        Assert.Equal(Ahead, _offset.Value);
    }

    [Fact]
    public void Sixteen_intervals_are_remembered_and_no_more()
    {
        Learn(TimeSpan.Zero, there: 1, back: 1);
        for (var interval = 1; interval < 16; interval++)
        {
            _offset.NextInterval();
            Learn(Ahead, there: 20, back: 20);
        }

        Assert.Equal(TimeSpan.Zero, _offset.Value);
        _offset.NextInterval();
        Assert.Equal(Ahead, _offset.Value);
    }

    [Fact]
    public void When_the_acks_fall_silent_the_offset_stays_and_the_next_ack_decides()
    {
        Learn(TimeSpan.Zero, there: 1, back: 1);
        for (var interval = 0; interval < 40; interval++)
            _offset.NextInterval();
        Assert.Equal(TimeSpan.Zero, _offset.Value);

        Learn(Ahead, there: 20, back: 20);

        Assert.Equal(Ahead, _offset.Value);
    }

    [Fact]
    public void On_another_link_the_first_ack_decides()
    {
        Learn(TimeSpan.Zero, there: 1, back: 1);
        _offset.Restart();
        Assert.Equal(TimeSpan.Zero, _offset.Value);

        Learn(Ahead, there: 20, back: 20);

        Assert.Equal(Ahead, _offset.Value);
    }

    [Fact]
    public void An_ack_without_times_says_nothing()
    {
        var now = ManualClock.Start;
        _offset.Learn(now, default, now.AddMilliseconds(1));
        _offset.Learn(now, new ServerTimes(now, default), now.AddMilliseconds(1));
        _offset.Learn(now, new ServerTimes(default, now), now.AddMilliseconds(1));

        Assert.Null(_offset.Value);
    }

    [Theory]
    [InlineData(long.MinValue, long.MaxValue)]
    [InlineData(long.MaxValue, long.MinValue)]
    [InlineData(1, long.MaxValue)]
    [InlineData(long.MaxValue, 1)]
    [InlineData(1_900_000_000_000_000, 1_900_000_001_000_000)]
    public void Times_that_cannot_be_say_nothing(long receivedAt, long sentAt)
    {
        var now = ManualClock.Start;

        _offset.Learn(now, new ServerTimes(Micros.ToDateTimeOffset(receivedAt), Micros.ToDateTimeOffset(sentAt)), now.AddMilliseconds(1));

        Assert.Null(_offset.Value);
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue + 1)]
    [InlineData(-60_000_000_000_000_000)]
    public void A_clock_at_the_end_of_time_does_not_overflow(long micros)
    {
        var (now, server) = (ManualClock.Start, Micros.ToDateTimeOffset(micros));

        _offset.Learn(now, new ServerTimes(server, server), now);

        Assert.True(server == default || _offset.Value == server - now);
    }
}
