using Framewire.Server.Processing;

namespace Framewire.Tests.Processing;

/// <summary>Which frames a processor with a frame rate of its own gets.</summary>
public sealed class FrameRateLimitTests
{
    [Theory]
    [InlineData(30, 0, 30)]
    [InlineData(30, 30, 30)]
    [InlineData(30, 60, 30)]
    [InlineData(30, 10, 10)]
    [InlineData(30, 7, 7)]
    [InlineData(25, 10, 10)]
    public void At_most_so_many_a_second_are_picked_and_evenly(int streamRate, double limit, int picked)
    {
        var rate = new FrameRateLimit(limit);

        var times = Enumerable.Range(0, streamRate * 10).Select(n => TimeSpan.FromSeconds((double)n / streamRate)).Where(rate.Picks).ToList();

        Assert.InRange(times.Count, (picked * 10) - 1, (picked * 10) + 1);
        Assert.All(times.Zip(times.Skip(1)), pair => Assert.True(pair.Second - pair.First < TimeSpan.FromSeconds(2.1 / picked)));
    }

    [Fact]
    public void After_a_pause_nothing_is_made_up_for()
    {
        var rate = new FrameRateLimit(1);
        Assert.True(rate.Picks(TimeSpan.Zero));
        Assert.True(rate.Picks(TimeSpan.FromSeconds(10)));
        Assert.False(rate.Picks(TimeSpan.FromSeconds(10.5)));
        rate.Restart();
        Assert.True(rate.Picks(TimeSpan.Zero));
    }
}
