using Framewire.Protocol.Video;
using Framewire.Server.Streams;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Server;

/// <summary>What a lossless reader that hangs can do to a stream, and what others can do to a lossless reader.</summary>
public sealed class LosslessReaderTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly ManualClock _clock = new();

    private LiveStream Stream(StreamLimits limits) => new("cam", limits, _clock);

    private static Publication Publish(LiveStream stream) => stream.TryPublish(new StreamSession("s1", ManualClock.Start, Frames.H264), "peer", "agent")!;

    [Fact]
    public async Task Viewers_that_come_and_go_do_not_lengthen_the_patience_with_one_that_hangs()
    {
        var stream = Stream(new StreamLimits { LosslessLagFrames = 1, LosslessPatience = TimeSpan.FromSeconds(5) });
        using var publication = Publish(stream);
        using var hung = stream.TrySubscribe(Overflow.Wait)!;
        await publication.PublishAsync(Frames.One(1), default);

        var second = publication.PublishAsync(Frames.One(2), default).AsTask();
        for (var seconds = 0; seconds < 6 && !second.IsCompleted; seconds += 2)
        {
            _clock.Advance(TimeSpan.FromSeconds(2));
            var before = _clock.TimersSet;
            stream.TrySubscribe(Overflow.DropToKeyframe)!.Dispose();
            // The publisher looks again, and waits again.
            await Eventually.TrueAsync(() => second.IsCompleted || _clock.TimersSet > before);
        }

        Assert.Equal(PublishOutcome.Received, await second.WaitAsync(Patience));
    }

    [Fact]
    public async Task A_lossless_publisher_tells_of_a_gap_when_there_is_room_for_it()
    {
        var stream = Stream(new StreamLimits { LosslessLagFrames = 1 });
        using var publication = stream.TryPublish(new StreamSession("s1", ManualClock.Start, Frames.H264) { IsLossless = true }, "peer", "agent")!;
        using var reader = stream.TrySubscribe(Overflow.Wait)!;
        await publication.PublishAsync(Frames.One(5), default);
        var gap = new Gap(1, 3, DropReason.SpoolFull);
        publication.Report(gap);
        var room = publication.ReadersHaveRoomAsync(default).AsTask();
        Assert.False(room.IsCompleted);

        Assert.IsType<StreamEvent.Started>(await reader.NextAsync(default));
        Assert.Equal(4ul, Assert.IsType<StreamEvent.Missed>(await reader.NextAsync(default)).Gap.Last);
        Assert.IsType<StreamEvent.Arrived>(await reader.NextAsync(default)).Frame.Release();
        await room.WaitAsync(Patience);
        publication.Report(gap);

        Assert.Equal(gap, Assert.IsType<StreamEvent.Missed>(await reader.NextAsync(default)).Gap);
    }

    [Fact]
    public async Task Gaps_that_are_told_in_masses_cost_a_lossless_reader_no_frame()
    {
        var stream = Stream(new StreamLimits { HistoryFrames = 10, LosslessLagFrames = 5 });
        using var publication = Publish(stream);
        using var reader = stream.TrySubscribe(Overflow.Wait)!;
        await publication.PublishAsync(Frames.One(1), default);
        for (var n = 0ul; n < 50; n++)
            publication.Report(new Gap(2 + n, 2 + n, DropReason.Late));
        var next = publication.PublishAsync(Frames.One(52), default).AsTask();

        var seen = new List<ulong>();
        while (seen.LastOrDefault() != 52)
        {
            if (await reader.NextAsync(default).AsTask().WaitAsync(Patience) is StreamEvent.Arrived arrived)
            {
                seen.Add(arrived.Frame.Sequence);
                arrived.Frame.Release();
            }
        }

        Assert.Equal([1ul, 52ul], seen);
        Assert.Equal((PublishOutcome.Received, 50ul), (await next, publication.Session.Missing));
    }

    [Fact]
    public async Task A_lossless_reader_that_hangs_while_a_publisher_comes_and_goes_is_let_go()
    {
        var stream = Stream(new StreamLimits { HistoryFrames = 10, LosslessLagFrames = 5 });
        using var reader = stream.TrySubscribe(Overflow.Wait)!;
        for (var n = 0; n < 20; n++)
            Publish(stream).Dispose();

        Assert.Null(await reader.NextAsync(default).AsTask().WaitAsync(Patience));
    }
}
