using Framewire.Protocol.V1;
using Framewire.Server.Recording;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Recording;

/// <summary>What a timeline tells of what is there, what is missing, and why.</summary>
public sealed class RecordingTimelineTests : IDisposable
{
    private readonly RecordedFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private TimelineResponse Timeline() => RecordingTimeline.Of(_folder.Catalogue, "cam-1", DateTimeOffset.MinValue, DateTimeOffset.MaxValue);

    private static string Told(TimelineResponse timeline) =>
        $"{string.Join(' ', timeline.Spans.Select(span => $"{span.FirstSequence}-{span.LastSequence}"))} | "
        + string.Join(' ', timeline.Gaps.Select(gap => $"{gap.FirstSequence}-{gap.LastSequence}:{gap.Reason}"));

    [Fact]
    public void Files_that_follow_each_other_are_one_span()
    {
        _folder.Write(RecordedFolder.Header(), RecordedFolder.Run(1, 5));
        _folder.Write(RecordedFolder.Header(), RecordedFolder.Run(6, 9));

        Assert.Equal("1-9 | ", Told(Timeline()));
        Assert.Equal((9ul, "session-a"), (Timeline().Spans[0].Frames, Timeline().Spans[0].Session));
    }

    [Fact]
    public void A_told_gap_has_its_reason_and_the_times_of_its_neighbours()
    {
        _folder.Write(RecordedFolder.Header(), [.. RecordedFolder.Run(1, 5), .. GapTimes.Filled([Segments.Missing(6, 7), Segments.Picture(8)], Segments.Picture(5).Frame.CapturedAt)]);

        Assert.Equal("1-8 | 6-7:Late", Told(Timeline()));
        var gap = Timeline().Gaps[0];
        Assert.Equal(3 * 33_000, gap.UntilUnixMicros - gap.FromUnixMicros);
    }

    [Fact]
    public void A_hole_that_nobody_told_of_is_not_here_yet_and_vanishes_when_it_is_filled_in()
    {
        _folder.Write(RecordedFolder.Header(), RecordedFolder.Run(1, 3));
        _folder.Write(RecordedFolder.Header(), RecordedFolder.Run(8, 10));
        Assert.Equal("1-3 8-10 | 4-7:Unspecified", Told(Timeline()));

        _folder.Write(RecordedFolder.Header(), RecordedFolder.Run(4, 5));
        Assert.Equal("1-5 8-10 | 6-7:Unspecified", Told(Timeline()));
        _folder.Write(RecordedFolder.Header(), RecordedFolder.Run(6, 7));
        Assert.Equal("1-10 | ", Told(Timeline()));
    }

    [Fact]
    public void A_told_gap_that_is_filled_in_after_all_vanishes_as_far_as_it_is()
    {
        _folder.Write(RecordedFolder.Header(), GapTimesOf([.. RecordedFolder.Run(1, 3), Segments.Missing(4, 7), .. RecordedFolder.Run(8, 10)]));
        _folder.Write(RecordedFolder.Header(), RecordedFolder.Run(4, 5));
        _folder.Write(RecordedFolder.Header(), RecordedFolder.Run(11, 12));
        Assert.Equal("6-7:Late", Told(Timeline()).Split("| ")[1]);

        _folder.Write(RecordedFolder.Header(), RecordedFolder.Run(6, 7));
        Assert.Equal("", Told(Timeline()).Split("| ")[1]);
    }

    [Fact]
    public void A_time_without_a_publisher_is_a_gap_without_sequences()
    {
        _folder.Write(RecordedFolder.Header(), Segments.Picture(1, capturedMillis: 0), Segments.Picture(2, capturedMillis: 33));
        _folder.Write(RecordedFolder.Header("session-b", startedAfterSeconds: 60), Segments.Picture(1, capturedMillis: 60_000));

        Assert.Equal("1-2 1-1 | 0-0:Unspecified", Told(Timeline()));
        Assert.Equal(59_967_000, Timeline().Gaps[0].UntilUnixMicros - Timeline().Gaps[0].FromUnixMicros);
    }

    [Fact]
    public void Of_more_than_ten_thousand_neighbours_are_told_as_one()
    {
        for (var i = 0; i < 10_100; i++)
        {
            var row = _folder.Catalogue.Opened(RecordedFolder.Header(), $"{i}.mcap");
            var at = Segments.Start.AddSeconds(i * 10);
            _folder.Catalogue.Written(row with { FirstSequence = (ulong)(i * 10) + 1, LastSequence = (ulong)(i * 10) + 3, Frames = 3, FirstCapturedAt = at, LastCapturedAt = at.AddSeconds(1) });
        }

        var timeline = Timeline();

        Assert.Equal((5050, 10_000), (timeline.Spans.Count, timeline.Gaps.Count));
        Assert.Equal(30_300, timeline.Spans.Sum(span => (long)span.Frames));
    }

    private static Protocol.Log.LogEntry[] GapTimesOf(Protocol.Log.LogEntry[] entries) => [.. GapTimes.Filled(entries, default)];
}
