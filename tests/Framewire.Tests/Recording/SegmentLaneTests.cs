using Framewire.Protocol.Log;
using Framewire.Protocol.Video;
using Framewire.Server.Recording;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Recording;

/// <summary>When a file ends and another begins.</summary>
public sealed class SegmentLaneTests : IDisposable
{
    private readonly RecordedFolder _folder = new(new RecordingOptions { SegmentBytes = 10_000, SegmentDuration = TimeSpan.FromMinutes(1) });

    public void Dispose() => _folder.Dispose();

    /// <summary>What is in each file: <c>1-4 6</c>.</summary>
    private string[] FilesOf(SegmentLane lane)
    {
        lane.Flush();
        lane.Close();
        return [.. _folder.Files().Select(file => string.Join(' ', SegmentRepair.Inspect(file)!.Runs))];
    }

    [Fact]
    public void Frames_that_follow_each_other_share_a_file_over_told_gaps()
    {
        var lane = _folder.Lane();
        lane.Append(RecordedFolder.Header(), [Segments.Missing(1, 2), .. RecordedFolder.Run(3, 5)]);
        lane.Append(RecordedFolder.Header(), [Segments.Missing(6, 9), .. RecordedFolder.Run(10, 12)]);

        Assert.Equal(["3-5 10-12"], FilesOf(lane));
    }

    [Fact]
    public void A_hole_that_may_still_be_filled_in_begins_another()
    {
        var lane = _folder.Lane();
        lane.Append(RecordedFolder.Header(), [.. RecordedFolder.Run(1, 3), .. RecordedFolder.Run(7, 8), Segments.Missing(4, 4), Segments.Picture(9)]);

        Assert.Equal(["1-3", "7-9"], FilesOf(lane));
    }

    [Fact]
    public void A_gap_told_late_at_the_beginning_of_a_file_is_no_hole()
    {
        var lane = _folder.Lane();
        lane.Append(RecordedFolder.Header(), [Segments.Missing(1, 10), .. RecordedFolder.Run(100, 101)]);

        Assert.Equal(["100-101"], FilesOf(lane));
    }

    [Fact]
    public void Another_session_or_format_begins_another()
    {
        var lane = _folder.Lane();
        lane.Append(RecordedFolder.Header(), RecordedFolder.Run(1, 2));
        lane.Append(RecordedFolder.Header("session-b"), RecordedFolder.Run(3, 4));
        lane.Append(RecordedFolder.Header("session-b") with { Format = new StreamFormat(Codec.H264, 32, 32, 30) }, RecordedFolder.Run(5, 6));

        Assert.Equal(["1-2", "3-4", "5-6"], FilesOf(lane));
    }

    [Fact]
    public void A_full_one_ends_at_the_next_keyframe_or_at_twice_the_size()
    {
        var lane = _folder.Lane();
        var deltas = Enumerable.Range(2, 5).Select(LogEntry (i) => Segments.Picture((ulong)i, bytes: 2_500, isKeyframe: false));
        lane.Append(RecordedFolder.Header(), [Segments.Picture(1, bytes: 2_500), .. deltas, Segments.Picture(7, bytes: 10)]);
        Assert.Equal(["1-6", "7"], FilesOf(lane));

        var endless = _folder.Lane();
        endless.Append(RecordedFolder.Header("session-b"), [.. Enumerable.Range(1, 10).Select(LogEntry (i) => Segments.Picture((ulong)i, bytes: 4_000, isKeyframe: i == 1))]);
        Assert.True(FilesOf(endless)[2..] is { Length: > 1 });
    }

    [Fact]
    public void After_its_time_it_ends_at_the_next_keyframe()
    {
        var lane = _folder.Lane();
        lane.Append(RecordedFolder.Header(), RecordedFolder.Run(1, 2));
        _folder.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.True(lane.IsOverdue);
        lane.Append(RecordedFolder.Header(), [Segments.Picture(3, isKeyframe: false), Segments.Picture(4)]);

        Assert.Equal(["1-3", "4"], FilesOf(lane));
    }

    [Fact]
    public void F21_A_clock_that_is_set_back_begins_another_and_one_that_trembles_does_not()
    {
        var lane = _folder.Lane();
        lane.Append(RecordedFolder.Header(), [Segments.Picture(1, capturedMillis: 5000), Segments.Picture(2, capturedMillis: 4100), Segments.Picture(3, capturedMillis: 5200)]);
        lane.Append(RecordedFolder.Header(), [Segments.Picture(4, capturedMillis: 100), Segments.Picture(5, capturedMillis: 3_600_000)]);

        Assert.Equal(["1-3", "4-5"], FilesOf(lane));
    }

    [Fact]
    public void F31_Times_that_cannot_be_true_are_recorded_all_the_same()
    {
        var lane = _folder.Lane();
        DateTimeOffset[] times = [default, DateTimeOffset.MinValue.AddDays(1), DateTimeOffset.UnixEpoch.AddSeconds(-1), Segments.Start, DateTimeOffset.MaxValue, Segments.Start];
        foreach (var (time, i) in times.Select((time, i) => (time, (ulong)i)))
            lane.Append(RecordedFolder.Header(), [new LogEntry.Picture(Segments.Picture(i + 1).Frame with { CapturedAt = time })]);

        Assert.Equal("1-6", string.Join(' ', new SequenceSet(FilesOf(lane).Select(_ => 0).SelectMany(_ => _folder.Files()).SelectMany(file => SegmentRepair.Inspect(file)!.Runs)).Runs));
    }

    [Fact]
    public void F21_Names_are_unique_and_in_order_whatever_the_clock_does()
    {
        string[] names =
        [
            _folder.Store.Folder.NextFile("cam-1", Segments.Start), _folder.Store.Folder.NextFile("cam-1", Segments.Start),
            _folder.Store.Folder.NextFile("cam-1", Segments.Start.AddHours(-1)),
        ];

        Assert.Equal(names.Order(StringComparer.Ordinal).Distinct(), names);
    }

    [Fact]
    public void F17_A_file_that_somebody_has_taken_away_holds_nothing_safe()
    {
        var lane = _folder.Lane();
        lane.Append(RecordedFolder.Header(), RecordedFolder.Run(1, 2));
        lane.Flush();
        File.Delete(_folder.Files()[0]);
        lane.Append(RecordedFolder.Header(), RecordedFolder.Run(3, 4));

        Assert.Contains("is gone", Assert.Throws<IOException>(lane.Flush).Message, StringComparison.Ordinal);
    }
}
