using Framewire.Server.Recording;
using Framewire.Tests.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Framewire.Tests.Recording;

/// <summary>In which order frames are read back, and from where.</summary>
public sealed class RecordingReaderTests : IDisposable
{
    private readonly RecordedFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private ulong[] Read(RecordingStart? start = null, DateTimeOffset? until = null) => Segments.Sequences(
        new RecordingReader(_folder.Store, NullLogger.Instance)
            .Read("cam-1", start ?? new RecordingStart(DateTimeOffset.MinValue), until ?? DateTimeOffset.MaxValue).Select(entry => entry.Entry));

    private static ulong[] Numbers(int first, int last) => [.. Enumerable.Range(first, last - first + 1).Select(n => (ulong)n)];

    [Fact]
    public void Files_are_read_by_session_and_sequence_whatever_their_order_on_disk()
    {
        _folder.Write(RecordedFolder.Header("session-b", startedAfterSeconds: 60), RecordedFolder.Run(1, 2));
        _folder.Write(RecordedFolder.Header(), RecordedFolder.Run(7, 9));
        _folder.Write(RecordedFolder.Header(), RecordedFolder.Run(1, 6));

        Assert.Equal([.. Numbers(1, 9), 1, 2], Read());
    }

    [Fact]
    public void Interlaced_files_are_merged_and_a_frame_that_is_there_twice_is_read_once()
    {
        _folder.Write(RecordedFolder.Header(), [.. RecordedFolder.Run(1, 3), Segments.Missing(4, 6), .. RecordedFolder.Run(7, 20)]);
        _folder.Write(RecordedFolder.Header(), [.. RecordedFolder.Run(4, 5)]);
        _folder.Write(RecordedFolder.Header(), [.. RecordedFolder.Run(6, 8)]);
        _folder.Write(RecordedFolder.Header(), [.. RecordedFolder.Run(21, 22)]);

        Assert.Equal(Numbers(1, 22), Read());
    }

    [Fact]
    public void It_begins_at_the_keyframe_before_a_time_or_a_position_and_ends_before_a_time()
    {
        _folder.Write(RecordedFolder.Header(), RecordedFolder.Run(1, 10));
        _folder.Write(RecordedFolder.Header(), RecordedFolder.Run(11, 20));
        _folder.Write(RecordedFolder.Header("session-b", startedAfterSeconds: 60), RecordedFolder.Run(1, 5));
        var at = Segments.Picture(8).Frame.CapturedAt;

        Assert.Equal(Numbers(6, 12), Read(new RecordingStart(at), Segments.Picture(13).Frame.CapturedAt)[..7]);
        Assert.Equal([.. Numbers(16, 20), .. Numbers(1, 5)], Read(new RecordingStart(default, "session-a", 17)));
        Assert.Equal(Numbers(1, 5), Read(new RecordingStart(default, "", 2)));
        Assert.Empty(Read(new RecordingStart(default, "", 6)));
        Assert.Empty(Read(new RecordingStart(default, "session-c", 1)));
    }

    [Fact]
    public void A_position_inside_interlaced_files_does_not_bring_what_lies_before_it()
    {
        _folder.Write(RecordedFolder.Header(), [.. RecordedFolder.Run(1, 3), Segments.Missing(4, 5), .. RecordedFolder.Run(6, 20)]);
        _folder.Write(RecordedFolder.Header(), RecordedFolder.Run(4, 5));

        Assert.Equal(Numbers(11, 20), Read(new RecordingStart(default, "session-a", 13)));
    }

    [Fact]
    public void F20_A_damaged_chunk_is_passed_over_and_a_file_that_is_gone_as_well()
    {
        var lane = _folder.Lane();
        foreach (var chunk in new[] { RecordedFolder.Run(1, 3), RecordedFolder.Run(4, 6), RecordedFolder.Run(7, 9) })
            lane.Append(RecordedFolder.Header(), chunk);
        lane.Close();
        _folder.Write(RecordedFolder.Header(), RecordedFolder.Run(10, 12));
        _folder.Write(RecordedFolder.Header(), RecordedFolder.Run(13, 15));
        var bytes = File.ReadAllBytes(_folder.Files()[0]);
        bytes[FindPayload(bytes, 5)] ^= 1;
        File.WriteAllBytes(_folder.Files()[0], bytes);
        File.Delete(_folder.Files()[1]);

        Assert.Equal([1, 2, 3, 7, 8, 9, 13, 14, 15], Read());
    }

    private static int FindPayload(byte[] file, ulong sequence) => file.AsSpan().IndexOf(Segments.Picture(sequence).Frame.Payload.Span);
}
