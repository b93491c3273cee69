using Framewire.Protocol.Log;
using Framewire.Server.Recording;
using Framewire.Tests.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Framewire.Tests.Recording;

/// <summary>What is deleted when there is too much, and what never is.</summary>
public sealed class RetentionTests : IDisposable
{
    private readonly RecordedFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Files of ten frames, each written and captured so many hours after the clock's beginning.</summary>
    private void Write(params double[] hours)
    {
        foreach (var (hour, at) in hours.Select((hour, at) => (hour, at)))
        {
            _folder.Clock.Advance(ManualClock.Start.AddHours(hour) - _folder.Clock.GetUtcNow());
            _folder.Write(
                RecordedFolder.Header(),
                [.. Enumerable.Range(1, 10).Select(LogEntry (i) => Segments.Picture((ulong)((at * 10) + i), bytes: 1000, capturedMillis: (long)(hour * 3_600_000) - 10 + i))]);
        }
    }

    private ulong[] Left(RecordingOptions options, TimeProvider? time = null)
    {
        new Retention(_folder.Store, options, time ?? _folder.Clock, NullLogger.Instance).DeleteWhatIsOver();
        var left = _folder.Catalogue.Find("cam-1", DateTimeOffset.MinValue, DateTimeOffset.MaxValue);
        Assert.Equal(left.Select(row => row.File).Order(StringComparer.Ordinal), _folder.Files().Select(path => System.IO.Path.GetFileName(path)));
        return [.. left.Select(row => row.FirstSequence)];
    }

    [Fact]
    public void Files_that_are_too_old_go_and_no_others()
    {
        Write(1, 2, 3, 26);
        _folder.Clock.Advance(TimeSpan.FromHours(0.5));

        Assert.Equal([21ul, 31ul], Left(new RecordingOptions { KeepFor = TimeSpan.FromHours(24) }));
        Assert.Equal("1-40", $"{_folder.Catalogue.Held("cam-1", "session-a")}");
    }

    [Theory]
    [InlineData(-50)]
    [InlineData(50)]
    public void What_a_camera_with_another_clock_has_captured_is_as_old_as_its_file(int years)
    {
        var captured = (long)TimeSpan.FromDays(365.0 * years).TotalMilliseconds;
        _folder.Write(RecordedFolder.Header(), [Segments.Picture(1, capturedMillis: captured)]);
        _folder.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal([1ul], Left(new RecordingOptions { KeepFor = TimeSpan.FromHours(2) }));

        _folder.Clock.Advance(TimeSpan.FromHours(2));
        Assert.Empty(Left(new RecordingOptions { KeepFor = TimeSpan.FromHours(2) }));
    }

    [Fact]
    public void The_oldest_go_while_there_are_too_many_bytes_in_all()
    {
        Write(1, 2, 3, 4);
        var file = new FileInfo(_folder.Files()[0]).Length;

        Assert.Equal([1ul, 11ul, 21ul, 31ul], Left(new RecordingOptions { KeepBytes = file * 5 }));
        Assert.Equal([21ul, 31ul], Left(new RecordingOptions { KeepBytes = (file * 2) + 500 }));
    }

    [Fact]
    public void The_file_that_is_being_written_stays_however_little_may_be_kept()
    {
        Write(1);
        var lane = _folder.Lane();
        lane.Append(RecordedFolder.Header(), RecordedFolder.Run(11, 12));
        lane.Flush();
        _folder.Clock.Advance(TimeSpan.FromDays(1000));

        Assert.Equal([11ul], Left(new RecordingOptions { KeepBytes = 1, KeepFor = TimeSpan.FromHours(1), KeepFreeBytes = long.MaxValue }));
        Assert.Single(_folder.Files());
    }

    [Fact]
    public async Task The_oldest_go_while_the_disk_has_too_little_room()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can mount a small disk.");
        using var disk = new Folder();
        await Tool.RunAsync("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", disk.Path]);
        try
        {
            using var store = RecordingStore.Open(disk.Path, NullLogger.Instance);
            var lane = new SegmentLane(store, new RecordingOptions(), _folder.Clock);
            foreach (var sequence in new ulong[] { 1, 2, 3, 4, 5 })
            {
                lane.Append(RecordedFolder.Header(), [Segments.Picture(sequence, bytes: 1 << 20)]);
                lane.Close();
            }

            new Retention(store, new RecordingOptions { KeepFreeBytes = 5 << 20 }, _folder.Clock, NullLogger.Instance).DeleteWhatIsOver();

            Assert.Equal([4ul, 5ul], store.Catalogue.Find("cam-1", DateTimeOffset.MinValue, DateTimeOffset.MaxValue).Select(row => row.FirstSequence));
        }
        finally
        {
            await Tool.RunAsync("umount", [disk.Path]);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void F21_A_clock_that_is_set_makes_nothing_look_old(int hours)
    {
        Write(1, 2, 3);
        var clock = new SetClock(_folder.Clock);
        var retention = new Retention(_folder.Store, new RecordingOptions { KeepFor = TimeSpan.FromHours(2.5) }, clock, NullLogger.Instance);

        clock.Offset = TimeSpan.FromHours(hours);
        retention.DeleteWhatIsOver();
        Assert.Equal(3, _folder.Files().Length);
        _folder.Clock.Advance(TimeSpan.FromHours(1));
        retention.DeleteWhatIsOver();
        Assert.Equal(2, _folder.Files().Length);
    }

    [Fact]
    public void A_folder_that_somebody_took_away_does_not_stop_it()
    {
        Write(1, 2);
        Directory.Delete(System.IO.Path.Combine(_folder.Path, "cam-1"), recursive: true);
        _folder.Clock.Advance(TimeSpan.FromDays(1));

        new Retention(_folder.Store, new RecordingOptions { KeepFor = TimeSpan.FromHours(1) }, _folder.Clock, NullLogger.Instance).DeleteWhatIsOver();

        Assert.Empty(_folder.Catalogue.Totals());
    }

    /// <summary>A clock whose hands are moved; its timers go on. Not thread-safe.</summary>
    private sealed class SetClock(TimeProvider inner) : TimeProvider
    {
        public TimeSpan Offset { get; set; }

        public override long TimestampFrequency => inner.TimestampFrequency;

        public override long GetTimestamp() => inner.GetTimestamp();

        public override DateTimeOffset GetUtcNow() => inner.GetUtcNow() + Offset;
    }
}
