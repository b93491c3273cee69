using Framewire.Edge.Sources;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Edge.Sources;

/// <summary>Frames come when they are due, by a clock that the test moves.</summary>
public class PacingTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task The_pattern_is_drawn_on_a_grid_that_does_not_drift()
    {
        var clock = new ManualClock();
        await using var source = FrameSource.Create(new SourceOptions { Source = "test", Encode = Encoding.Gray, Size = (96, 48), FrameRate = 10 }, clock);
        await source.OpenAsync(CancellationToken.None);
        await using var frames = source.ReadAsync(CancellationToken.None).GetAsyncEnumerator();
        Assert.Equal(ManualClock.Start, (await NextAsync(frames)).CapturedAt);

        for (var frame = 1; frame <= 50; frame++)
        {
            var next = NextAsync(frames);
            clock.Advance(TimeSpan.FromMilliseconds(99));
            Assert.False(next.IsCompleted);
            clock.Advance(TimeSpan.FromMilliseconds(1));

            Assert.Equal(ManualClock.Start + TimeSpan.FromMilliseconds(100 * frame), (await next.WaitAsync(Patience)).CapturedAt);
        }
    }

    [Fact]
    public async Task Who_is_late_catches_up_and_is_then_on_the_grid_again()
    {
        var clock = new ManualClock();
        var pacer = new FramePacer(clock);
        await pacer.WaitAsync(TimeSpan.Zero, CancellationToken.None);

        clock.Advance(TimeSpan.FromMilliseconds(350));

        foreach (var due in new[] { 100, 200, 300 })
            Assert.True(pacer.WaitAsync(TimeSpan.FromMilliseconds(due), CancellationToken.None).IsCompletedSuccessfully);
        var next = pacer.WaitAsync(TimeSpan.FromMilliseconds(400), CancellationToken.None);
        Assert.False(next.IsCompleted);
        clock.Advance(TimeSpan.FromMilliseconds(50));
        await next.WaitAsync(Patience);
    }

    [Fact]
    public async Task A_long_stall_starts_the_grid_anew_instead_of_a_burst()
    {
        var clock = new ManualClock();
        var pacer = new FramePacer(clock);
        await pacer.WaitAsync(TimeSpan.Zero, CancellationToken.None);

        clock.Advance(TimeSpan.FromMinutes(5));

        Assert.True(pacer.WaitAsync(TimeSpan.FromMilliseconds(100), CancellationToken.None).IsCompletedSuccessfully);
        var next = pacer.WaitAsync(TimeSpan.FromMilliseconds(200), CancellationToken.None);
        Assert.False(next.IsCompleted);
        clock.Advance(TimeSpan.FromMilliseconds(100));
        await next.WaitAsync(Patience);
    }

    [Fact]
    public async Task Time_that_goes_back_starts_the_grid_anew()
    {
        var clock = new ManualClock();
        var pacer = new FramePacer(clock);
        await pacer.WaitAsync(TimeSpan.FromHours(1), CancellationToken.None);

        Assert.True(pacer.WaitAsync(TimeSpan.Zero, CancellationToken.None).IsCompletedSuccessfully);
        Assert.False(pacer.WaitAsync(TimeSpan.FromMilliseconds(1), CancellationToken.None).IsCompleted);
    }

    [Fact]
    public async Task A_file_plays_at_its_own_uneven_pace_and_frames_say_when_they_were_due()
    {
        var clock = new ManualClock();
        await using var source = FrameSource.Create(new SourceOptions { Source = Shared.Clip("asl-walk-odd353x265-vfr.mkv"), Encode = Encoding.Copy }, clock);
        await source.OpenAsync(CancellationToken.None).WaitAsync(Patience);
        await using var frames = source.ReadAsync(CancellationToken.None).GetAsyncEnumerator();
        await NextAsync(frames).WaitAsync(Patience);
        Assert.True(source.IsLive);

        foreach (var (due, before) in new[] { (33, 0), (67, 33), (133, 67), (167, 133) })
        {
            var next = NextAsync(frames);
            await clock.WaitForTimerAsync(Patience);
            Assert.False(next.IsCompleted);
            clock.Advance(TimeSpan.FromMilliseconds(due - before));

            Assert.Equal(ManualClock.Start + TimeSpan.FromMilliseconds(due), (await next.WaitAsync(Patience)).CapturedAt);
        }
    }

    [Fact]
    public async Task A_looped_file_goes_on_and_its_time_with_it()
    {
        var reading = await Reading.OfAsync(new SourceOptions { Source = Shared.Clip("asl-walk-odd353x265-vfr.mkv"), Encode = Encoding.Copy, Fast = true, Loop = true }, most: 200);

        Assert.Equal(reading.Frames[0].Payload, reading.Frames[63].Payload);
        Assert.Equal(reading.Frames.Select(frame => frame.Pts).Order(), reading.Frames.Select(frame => frame.Pts));
        Assert.True(reading.Frames[^1].Pts > TimeSpan.FromSeconds(8));
    }

    private static async Task<Framewire.Protocol.Video.Frame> NextAsync(IAsyncEnumerator<Framewire.Protocol.Video.Frame> frames)
    {
        Assert.True(await frames.MoveNextAsync());
        frames.Current.Release();
        return frames.Current;
    }
}
