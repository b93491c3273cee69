using Framewire.Protocol.Video;
using Framewire.Server.Ingest;
using Framewire.Server.Streams;
using Framewire.Tests.Testing;
using V1 = Framewire.Protocol.V1;

namespace Framewire.Tests.Server;

/// <summary>What a publisher says of itself, as a stream keeps it.</summary>
public sealed class PublisherReportTests
{
    private readonly LiveStream _stream = new("cam", new StreamLimits(), new ManualClock());

    private Publication Publish(string session, int startedAt = 0) =>
        _stream.TryPublish(new StreamSession(session, ManualClock.Start.AddSeconds(startedAt), Frames.H264), "peer", "agent")!;

    private static PublisherReport Saying(ulong captured) => ReportCheck.Bounded(new V1.Report { Captured = captured });

    [Fact]
    public void A_report_stays_over_a_reconnect_and_the_end_and_goes_with_its_session()
    {
        Assert.Null(_stream.Status().Report);
        using var first = Publish("s1");
        first.TakeIn(Saying(1));
        first.TakeIn(Saying(2));
        using var again = Publish("s1");
        Assert.Equal(2ul, _stream.Status().Report?.Captured);
        again.End(complete: true);
        Assert.Equal(2ul, _stream.Status().Report?.Captured);

        using var next = Publish("s2", startedAt: 1);

        Assert.Null(_stream.Status().Report);
    }

    [Fact]
    public void Who_was_taken_over_has_no_say_any_more()
    {
        using var first = Publish("s1");
        using var second = Publish("s2", startedAt: 1);

        first.TakeIn(Saying(1));

        Assert.Null(_stream.Status().Report);
    }

    [Fact]
    public void Viewers_are_the_readers_that_may_lose_frames_and_a_recorder_says_how_it_does()
    {
        using var viewer = _stream.TrySubscribe(Overflow.DropToKeyframe);
        using var lossless = _stream.TrySubscribe(Overflow.Wait);
        Assert.Equal((1, RecordingState.None), (_stream.Status().Viewers, _stream.Status().Recording.State));

        _stream.RecordingStarted();
        Assert.Equal(RecordingState.Active, _stream.Status().Recording.State);

        _stream.RecordingStopped("the disk is full");
        Assert.Equal(new RecordingStatus(RecordingState.Stopped, "the disk is full"), _stream.Status().Recording);
    }

    [Fact]
    public void What_is_said_is_kept_as_it_was_said()
    {
        var said = new V1.Report
        {
            Captured = 10,
            Acked = 6,
            Waiting = 1,
            Drops = { new V1.DropCount { Reason = V1.DropReason.Late, Frames = 2 }, new V1.DropCount { Reason = (V1.DropReason)99, Frames = 1 } },
            AckP50Micros = 1500,
            AckP99Micros = 90_000,
            QueueP50Micros = 20,
            ClockOffsetMicros = -90_000_000,
        };

        var kept = ReportCheck.Bounded(said);

        Assert.Equal((10ul, 6ul, 1ul), (kept.Captured, kept.Acked, kept.Waiting));
        Assert.Equal([(DropReason.Late, 2ul), ((DropReason)99, 1ul)], kept.Drops.Select(drop => (drop.Key, drop.Value)));
        Assert.Equal((1.5, 90, 0.02), (kept.AckP50.TotalMilliseconds, kept.AckP99.TotalMilliseconds, kept.QueueP50.TotalMilliseconds));
        Assert.Equal(TimeSpan.FromSeconds(-90), kept.ClockOffset);
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void What_is_absurd_is_kept_within_bounds(long offset)
    {
        var said = new V1.Report { Captured = ulong.MaxValue, Acked = ulong.MaxValue, Waiting = ulong.MaxValue, AckP50Micros = uint.MaxValue, ClockOffsetMicros = offset };
        said.Drops.AddRange(Enumerable.Range(0, 1000).Select(n => new V1.DropCount { Reason = (V1.DropReason)n, Frames = ulong.MaxValue }));

        var kept = ReportCheck.Bounded(said);

        Assert.Equal(ReportCheck.MaxReasons, kept.Drops.Count);
        Assert.All([kept.Captured, kept.Acked, kept.Waiting, .. kept.Drops.Values], count => Assert.Equal(ReportCheck.MaxCount, count));
        Assert.Equal(ReportCheck.MaxClockOffset, kept.ClockOffset.Duration());
    }
}
