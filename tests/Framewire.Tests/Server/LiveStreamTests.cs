using Framewire.Protocol.Video;
using Framewire.Server.Streams;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Server;

/// <summary>The stream in the middle: order, readers, and who waits for whom.</summary>
public sealed class LiveStreamTests
{
    private readonly ManualClock _clock = new();
    private readonly StreamSession _session = new("s1", ManualClock.Start, Frames.H264);

    private LiveStream Stream(StreamLimits? limits = null) => new("cam", limits ?? new StreamLimits(), _clock);

    private static async Task<PublishOutcome[]> PublishAsync(Publication publication, IEnumerable<Frame> frames)
    {
        var outcomes = new List<PublishOutcome>();
        foreach (var frame in frames)
            outcomes.Add(await publication.PublishAsync(frame, TestContext.Current.CancellationToken));
        return [.. outcomes];
    }

    /// <summary>What the reader sees without waiting: sequences, g for a gap, s for a session, o for offline.</summary>
    private static async Task<string> DrainAsync(Subscription reader)
    {
        var seen = new List<string>();
        while (true)
        {
            using var now = new CancellationTokenSource();
            var next = reader.NextAsync(now.Token);
            if (!next.IsCompleted)
            {
                await now.CancelAsync();
                await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await next);
                return string.Join(' ', seen);
            }

            seen.Add(Describe(await next));
        }
    }

    private static async Task<string> ReadAsync(Subscription reader, int events)
    {
        var seen = new List<string>();
        while (seen.Count < events)
            seen.Add(Describe(await reader.NextAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(10))));
        return string.Join(' ', seen);
    }

    private static string Describe(StreamEvent? next) => next switch
    {
        StreamEvent.Arrived arrived => Released(arrived.Frame),
        StreamEvent.Missed missed => $"g{missed.Gap.First}-{missed.Gap.Last}",
        StreamEvent.Started => "s",
        StreamEvent.WentOffline => "o",
        _ => "?",
    };

    private static string Released(Frame frame)
    {
        frame.Release();
        return $"{frame.Sequence}";
    }

    [Fact]
    public async Task A_reader_sees_every_frame_in_order_after_its_session()
    {
        var stream = Stream();
        using var publication = stream.TryPublish(_session, "peer", "agent")!;
        using var reader = stream.TrySubscribe(Overflow.DropToKeyframe)!;

        await PublishAsync(publication, Frames.Of("KddK"));

        Assert.Equal("s 1 2 3 4", await DrainAsync(reader));
    }

    [Fact]
    public async Task A_resent_sequence_enters_the_stream_once()
    {
        var stream = Stream();
        using var publication = stream.TryPublish(_session, "peer", "agent")!;
        using var reader = stream.TrySubscribe(Overflow.DropToKeyframe)!;

        await PublishAsync(publication, Frames.Of("Kd"));
        var outcomes = await PublishAsync(publication, [Frames.One(1), Frames.One(2, false), Frames.One(3, false)]);

        Assert.Equal([PublishOutcome.Duplicate, PublishOutcome.Duplicate, PublishOutcome.Received], outcomes);
        Assert.Equal("s 1 2 3", await DrainAsync(reader));
        Assert.Equal((3ul, 2ul, 0ul), (_session.Frames, _session.Duplicates, _session.Missing));
    }

    [Fact]
    public async Task Sequence_0_is_refused()
    {
        using var publication = Stream().TryPublish(_session, "peer", "agent")!;

        Assert.Equal([PublishOutcome.InvalidSequence], await PublishAsync(publication, [Frames.One(0)]));
    }

    [Fact]
    public async Task A_gap_is_counted_and_told_once_whether_the_publisher_told_of_it_or_not()
    {
        var stream = Stream();
        using var publication = stream.TryPublish(_session, "peer", "agent")!;
        using var reader = stream.TrySubscribe(Overflow.DropToKeyframe)!;

        await PublishAsync(publication, Frames.Of("K"));
        publication.Report(new Gap(2, 4, DropReason.Late));
        publication.Report(new Gap(2, 4, DropReason.Late));
        await PublishAsync(publication, [Frames.One(5), Frames.One(8)]);

        Assert.Equal("s 1 g2-4 5 g6-7 8", await DrainAsync(reader));
        Assert.Equal(5ul, _session.Missing);
        Assert.Equal(0, reader.Dropped);
    }

    [Fact]
    public async Task A_server_that_begins_in_the_middle_of_a_session_misses_nothing_before_it()
    {
        var stream = Stream();
        var session = new StreamSession("s1", ManualClock.Start, Frames.H264, nextSequence: 100);
        using var publication = stream.TryPublish(session, "peer", "agent")!;
        using var reader = stream.TrySubscribe(Overflow.DropToKeyframe)!;

        await PublishAsync(publication, [Frames.One(100), Frames.One(103)]);

        Assert.Equal("s 100 g101-102 103", await DrainAsync(reader));
        Assert.Equal(2ul, session.Missing);
    }

    [Fact]
    public async Task A_viewer_that_falls_behind_resumes_at_the_newest_keyframe()
    {
        var stream = Stream(new StreamLimits { ViewerLagFrames = 3 });
        using var publication = stream.TryPublish(_session, "peer", "agent")!;
        using var viewer = stream.TrySubscribe(Overflow.DropToKeyframe)!;
        await PublishAsync(publication, Frames.Of("Kd"));
        Assert.Equal("s 1 2", await DrainAsync(viewer));

        await PublishAsync(publication, Frames.Of("ddddKd", first: 3));

        Assert.Equal("g3-6 7 8", await DrainAsync(viewer));
        Assert.Equal(4, viewer.Dropped);
    }

    [Fact]
    public async Task A_viewer_that_would_be_sent_an_old_frame_jumps_to_the_newest_keyframe()
    {
        var stream = Stream(new StreamLimits { ViewerLagTime = TimeSpan.FromSeconds(1) });
        using var publication = stream.TryPublish(_session, "", "")!;
        using var viewer = stream.TrySubscribe(Overflow.DropToKeyframe)!;
        await PublishAsync(publication, Frames.Of("Kdd"));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("s 1 2 3", await DrainAsync(viewer));

        await PublishAsync(publication, Frames.Of("dd", first: 4));
        _clock.Advance(TimeSpan.FromSeconds(2));
        await PublishAsync(publication, Frames.Of("dKd", first: 6));

        Assert.Equal("g4-6 7 8", await DrainAsync(viewer));
    }

    [Fact]
    public async Task An_old_group_of_pictures_is_read_on_while_there_is_no_newer_keyframe()
    {
        var stream = Stream(new StreamLimits { ViewerLagTime = TimeSpan.FromSeconds(1) });
        using var publication = stream.TryPublish(_session, "", "")!;
        await PublishAsync(publication, Frames.Of("Kdd"));
        _clock.Advance(TimeSpan.FromMinutes(1));

        using var viewer = stream.TrySubscribe(Overflow.DropToKeyframe)!;

        Assert.Equal("s 1 2 3", await DrainAsync(viewer));
    }

    [Fact]
    public async Task A_reader_of_the_past_is_not_taken_out_of_it_by_its_age()
    {
        var stream = Stream(new StreamLimits { ViewerLagTime = TimeSpan.FromSeconds(1) });
        using var publication = stream.TryPublish(_session, "", "")!;
        await PublishAsync(publication, Frames.Of("KdKd"));
        _clock.Advance(TimeSpan.FromMinutes(1));

        Assert.True(stream.TrySubscribeFrom(Overflow.DropToKeyframe, 1, out var viewer));

        Assert.Equal("s 1 2 3 4", await DrainAsync(viewer!));
        viewer!.Dispose();
    }

    [Fact]
    public async Task A_reader_of_the_newest_only_skips_what_has_been_overtaken()
    {
        var stream = Stream();
        using var publication = stream.TryPublish(new StreamSession("s1", ManualClock.Start, new StreamFormat(Codec.Jpeg, 64, 48)), "", "")!;
        using var viewer = stream.TrySubscribe(Overflow.DropToKeyframe, new ReaderLag(1, TimeSpan.MaxValue))!;
        await PublishAsync(publication, Frames.Of("KK"));
        Assert.Equal("s 2", await DrainAsync(viewer));

        await PublishAsync(publication, Frames.Of("KKK", first: 3));

        Assert.Equal("g3-4 5", await DrainAsync(viewer));
    }

    [Fact]
    public async Task A_viewer_whose_next_frame_was_evicted_never_gets_a_delta_frame_first()
    {
        var stream = Stream(new StreamLimits { HistoryBytes = 350, ViewerLagFrames = 100, LosslessLagFrames = 3 });
        using var publication = stream.TryPublish(_session, "peer", "agent")!;
        using var viewer = stream.TrySubscribe(Overflow.DropToKeyframe)!;

        await PublishAsync(publication, Frames.Of("Kdddddd"));
        Assert.Equal("s", await DrainAsync(viewer));
        await PublishAsync(publication, Frames.Of("Kd", first: 8));

        Assert.Equal("8 9", await DrainAsync(viewer));
    }

    [Fact]
    public async Task A_late_joiner_begins_at_the_newest_keyframe_at_once()
    {
        var stream = Stream();
        using var publication = stream.TryPublish(_session, "peer", "agent")!;
        await PublishAsync(publication, Frames.Of("KdddKdd"));

        using var viewer = stream.TrySubscribe(Overflow.DropToKeyframe)!;

        Assert.Equal("s 5 6 7", await DrainAsync(viewer));
    }

    [Fact]
    public async Task A_viewer_may_begin_in_the_past_at_the_keyframe_before_its_sequence()
    {
        var stream = Stream(new StreamLimits { ViewerLagFrames = 2 });
        using var publication = stream.TryPublish(_session, "peer", "agent")!;
        await PublishAsync(publication, Frames.Of("KdKddKd"));

        Assert.True(stream.TrySubscribeFrom(Overflow.DropToKeyframe, 4, out var viewer));

        Assert.Equal("s 3 4 5 6 7", await DrainAsync(viewer!));
        viewer!.Dispose();
    }

    [Fact]
    public async Task A_start_that_is_no_longer_in_memory_is_refused()
    {
        var stream = Stream(new StreamLimits { HistoryBytes = 250, LosslessLagFrames = 2 });
        using var publication = stream.TryPublish(_session, "peer", "agent")!;
        await PublishAsync(publication, Frames.Of("KKKK"));

        Assert.False(stream.TrySubscribeFrom(Overflow.DropToKeyframe, 1, out _));
        Assert.True(stream.TrySubscribeFrom(Overflow.DropToKeyframe, 3, out var viewer));
        viewer!.Dispose();
    }

    [Fact]
    public async Task The_publisher_waits_for_a_lossless_reader_and_for_no_other()
    {
        var stream = Stream(new StreamLimits { LosslessLagFrames = 2 });
        using var publication = stream.TryPublish(_session, "peer", "agent")!;
        using var viewer = stream.TrySubscribe(Overflow.DropToKeyframe)!;
        using var recorder = stream.TrySubscribe(Overflow.Wait)!;
        await PublishAsync(publication, Frames.Of("Kd"));

        var third = publication.PublishAsync(Frames.One(3), TestContext.Current.CancellationToken);
        Assert.False(third.IsCompleted);
        Assert.Equal("s 1 2", await ReadAsync(recorder, events: 3));

        Assert.Equal(PublishOutcome.Received, await third.AsTask().WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.Equal("3", await DrainAsync(recorder));
    }

    [Fact]
    public async Task A_lossless_reader_never_loses_a_frame_to_the_limit_on_bytes()
    {
        var stream = Stream(new StreamLimits { HistoryBytes = 250, LosslessLagFrames = 100 });
        using var publication = stream.TryPublish(_session, "peer", "agent")!;
        using var recorder = stream.TrySubscribe(Overflow.Wait)!;
        await PublishAsync(publication, Frames.Of("Kd"));

        var third = publication.PublishAsync(Frames.One(3), TestContext.Current.CancellationToken);

        Assert.False(third.IsCompleted);
        Assert.Equal("s 1 2", await ReadAsync(recorder, events: 3));
        await third.AsTask().WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal("3", await DrainAsync(recorder));
    }

    [Fact]
    public async Task A_lossless_reader_that_hangs_is_detached_and_live_goes_on()
    {
        var stream = Stream(new StreamLimits { LosslessLagFrames = 2, LosslessPatience = TimeSpan.FromSeconds(5) });
        var detached = 0;
        stream.ReaderDetached += _ => detached++;
        using var publication = stream.TryPublish(_session, "peer", "agent")!;
        using var recorder = stream.TrySubscribe(Overflow.Wait)!;
        await PublishAsync(publication, Frames.Of("Kd"));

        var third = publication.PublishAsync(Frames.One(3), TestContext.Current.CancellationToken);
        _clock.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(PublishOutcome.Received, await third.AsTask().WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.Equal(1, detached);
        Assert.Null(await recorder.NextAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_same_session_goes_on_where_it_was_and_the_old_call_is_revoked()
    {
        var stream = Stream();
        using var old = stream.TryPublish(_session, "peer", "agent")!;
        await PublishAsync(old, Frames.Of("Kdd"));

        using var again = stream.TryPublish(new StreamSession("s1", ManualClock.Start, Frames.H264), "peer", "agent")!;

        Assert.Equal(3ul, again.Session.ReceivedSequence);
        Assert.True(old.Revoked.IsCancellationRequested);
        Assert.Equal([PublishOutcome.Revoked], await PublishAsync(old, [Frames.One(4)]));
        Assert.Equal([PublishOutcome.Duplicate, PublishOutcome.Received], await PublishAsync(again, [Frames.One(3), Frames.One(4)]));
    }

    [Fact]
    public async Task A_later_session_takes_over_and_an_earlier_one_is_refused()
    {
        var stream = Stream();
        using var first = stream.TryPublish(_session, "a", "agent")!;
        using var later = stream.TryPublish(new StreamSession("s2", ManualClock.Start.AddSeconds(1), Frames.H264), "b", "agent");

        Assert.NotNull(later);
        Assert.True(first.Revoked.IsCancellationRequested);
        Assert.Null(stream.TryPublish(_session, "a", "agent"));
        Assert.Equal([PublishOutcome.Received], await PublishAsync(later, Frames.Of("K")));
    }

    [Fact]
    public async Task A_reader_is_told_when_the_publisher_goes_and_when_another_session_begins()
    {
        var stream = Stream();
        var publication = stream.TryPublish(_session, "peer", "agent")!;
        using var reader = stream.TrySubscribe(Overflow.DropToKeyframe)!;
        await PublishAsync(publication, Frames.Of("K"));
        publication.End(complete: true);
        using var next = stream.TryPublish(new StreamSession("s2", ManualClock.Start.AddSeconds(1), Frames.H264), "peer", "agent")!;
        await PublishAsync(next, Frames.Of("K"));

        Assert.Equal("s 1 o s 1", await DrainAsync(reader));
        publication.Dispose();
    }

    [Fact]
    public void As_many_viewers_as_the_limit_says_and_no_more()
    {
        var stream = Stream(new StreamLimits { MaxViewersPerStream = 1 });
        using var only = stream.TrySubscribe(Overflow.DropToKeyframe);

        Assert.NotNull(only);
        Assert.Null(stream.TrySubscribe(Overflow.DropToKeyframe));
    }

    [Fact]
    public async Task Every_buffer_goes_back_when_the_stream_is_forgotten()
    {
        var stream = Stream(new StreamLimits { HistoryBytes = 250, LosslessLagFrames = 2 });
        var publication = stream.TryPublish(_session, "peer", "agent")!;
        Frame[] frames = [.. Frames.Of("KddK")];
        await PublishAsync(publication, frames);
        publication.Dispose();
        _clock.Advance(TimeSpan.FromMinutes(1));

        Assert.True(stream.TryClose(before: _clock.GetUtcNow()));

        Assert.All(frames, frame => Assert.Throws<ObjectDisposedException>(() => frame.Payload));
    }
}
