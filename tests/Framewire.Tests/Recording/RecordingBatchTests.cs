using Framewire.Protocol.Log;
using Framewire.Server.Recording;
using Framewire.Server.Streams;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Recording;

/// <summary>What waits for the next write, and in which file it ends.</summary>
public sealed class RecordingBatchTests : IDisposable
{
    private readonly RecordedFolder _folder = new();
    private readonly RecordingBatch _batch = new();
    private readonly StreamSession _session = new("session-a", Segments.Start, RecordedFolder.Header().Format);

    public void Dispose()
    {
        _batch.Clear();
        _folder.Dispose();
    }

    /// <summary>Frames and results of each file: <c>2+1</c>.</summary>
    private string Files() => string.Join(' ', _folder.Files().Select(file => SegmentRepair.Inspect(file)!).Select(summary => $"{summary.Frames}+{summary.Results.Frames}"));

    private void Write(SegmentLane live, SegmentLane late)
    {
        _batch.WriteTo(live, late, RecordedFolder.Header());
        _batch.Clear();
        Assert.True(_batch.IsEmpty);
    }

    [Fact]
    public void Results_go_beside_the_live_frames_or_else_the_late_ones()
    {
        var (live, late) = (_folder.Lane(), _folder.Lane());
        _batch.Begin("session-a", []);
        _batch.Add(Segments.Picture(1), _session, isLate: true, _folder.Clock);
        _batch.Add(Segments.Results(1, ["person"]).Of, _folder.Clock);
        Write(live, late);
        Assert.Equal("1+1", Files());

        _batch.Add(Segments.Picture(9), _session, isLate: false, _folder.Clock);
        _batch.Add(Segments.Picture(2), _session, isLate: true, _folder.Clock);
        _batch.Add(Segments.Results(2, ["person"]).Of, _folder.Clock);
        _batch.Add(Segments.Results(9, ["person"]).Of, _folder.Clock);
        Write(live, late);
        Assert.Equal("2+1 1+2", Files());
    }

    [Fact]
    public void Results_alone_are_written_into_a_file_that_the_next_frames_share()
    {
        var (live, late) = (_folder.Lane(), _folder.Lane());
        _batch.Begin("session-a", []);
        _batch.Add(Segments.Results(1, ["person"], session: "session-before").Of, _folder.Clock);
        Assert.Equal(TimeSpan.FromSeconds(1), _batch.TimeLeft(TimeSpan.FromSeconds(1), _folder.Clock));
        Write(live, late);
        Assert.Equal("0+1", Files());

        _batch.Add(Segments.Picture(1), _session, isLate: false, _folder.Clock);
        Write(live, late);
        live.Close();
        Assert.Equal("1+1", Files());
        _folder.Restart();
        Assert.Equal("1+1", Files());
    }

    [Fact]
    public void When_the_disk_has_failed_frames_are_forgotten_and_results_wait_for_the_next_file()
    {
        _batch.Begin("session-a", []);
        _batch.Add(Segments.Picture(1), _session, isLate: false, _folder.Clock);
        _batch.Add(Segments.Results(1, ["person"]).Of, _folder.Clock);

        _batch.Forget();

        Assert.Equal((false, 0L, false), (_batch.IsEmpty, _batch.Bytes, _batch.HasWritten(1)));
        Write(_folder.Lane(), _folder.Lane());
        Assert.Equal("0+1", Files());
    }
}
