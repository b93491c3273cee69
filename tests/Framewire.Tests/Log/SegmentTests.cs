using Framewire.Protocol.Log;
using Framewire.Protocol.Video;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Log;

/// <summary>What is written to a segment comes out of it, from wherever one begins.</summary>
public sealed class SegmentTests : IDisposable
{
    private readonly Folder _folder = new();

    private string Path => _folder["segment.mcap"];

    public void Dispose() => _folder.Dispose();

    public static TheoryData<Codec, bool> CodecsAndEnds => new(
        from codec in Enum.GetValues<Codec>() from closes in (bool[])[false, true] select new TheoryDataRow<Codec, bool>(codec, closes));

    [Theory]
    [MemberData(nameof(CodecsAndEnds))]
    public void What_is_written_comes_out_again(Codec codec, bool closes)
    {
        // Presented in another order than decoded, as B-frames are, and with a clock that is set back a little.
        LogEntry[] entries =
        [
            Segments.Picture(3, hasMetadata: true), Segments.Picture(4, isKeyframe: false, capturedMillis: 300), Segments.Picture(5, isKeyframe: false, capturedMillis: 200),
            Segments.Missing(6, 9, DropReason.SpoolFull), Segments.Picture(10, bytes: 1, isKeyframe: false, capturedMillis: 290), Segments.Picture(11, bytes: 16 << 20),
        ];
        var header = Segments.Header(codec, heldThrough: 2);

        Segments.Write(Path, header, [entries[..2], entries[2..3], entries[3..]], closes);

        using var reader = SegmentReader.Open(Path);
        Assert.Equal(header, reader.Header);
        Assert.Equal(Segments.Expected(entries), Segments.Told(reader.ReadAll()));
        Assert.Empty(reader.Damage);
        var summary = SegmentRepair.Inspect(Path)!;
        Assert.Equal((header, 3ul, 11ul, 5L, closes), (summary.Header, summary.FirstSequence, summary.LastSequence, summary.Frames, summary.IsClosed));
        Assert.Equal((Segments.Start.AddMilliseconds(99), Segments.Start.AddMilliseconds(363)), (summary.FirstCapturedAt, summary.LastCapturedAt));
        Assert.Equal([new SequenceRun(3, 5), new SequenceRun(10, 11)], summary.Runs);
        Assert.Equal([((LogEntry.Missing)entries[3]).Gap], summary.Gaps);
        Assert.Equal(new FileInfo(Path).Length, summary.Bytes);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void One_can_begin_at_any_sequence(bool closes)
    {
        var chunks = Segments.Chunks(chunks: 9, frames: 4);
        Segments.Write(Path, Segments.Header(), chunks.Select(chunk => (LogEntry[])[.. chunk, Segments.Missing(1000, 1000)]), closes);
        using var reader = SegmentReader.Open(Path);

        for (var sequence = 0ul; sequence <= 37; sequence++)
        {
            var keyframe = sequence == 0 ? 1 : Math.Min(33, ((sequence - 1) / 4 * 4) + 1);
            Assert.Equal(Numbers(Math.Max(1, sequence), 36), Segments.Sequences(reader.ReadFrom(sequence)));
            Assert.Equal(Numbers(keyframe, 36), Segments.Sequences(reader.ReadFrom(sequence, fromKeyframe: true)));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void One_can_begin_at_any_time_and_gets_the_keyframe_before(bool closes)
    {
        Segments.Write(Path, Segments.Header(), Segments.Chunks(chunks: 9, frames: 4), closes);
        using var reader = SegmentReader.Open(Path);

        for (var millis = 0; millis < 40 * 33; millis += 11)
        {
            var newest = (ulong)Math.Clamp(millis / 33, 1, 36);
            var keyframe = ((newest - 1) / 4 * 4) + 1;
            Assert.Equal(Numbers(keyframe, 36), Segments.Sequences(reader.ReadFrom(Segments.Start.AddMilliseconds(millis))));
        }
    }

    [Fact]
    public void A_keyframe_is_found_many_chunks_before()
    {
        var frames = Enumerable.Range(1, 30).Select(LogEntry (i) => Segments.Picture((ulong)i, isKeyframe: i is 1 or 5)).ToArray();
        Segments.Write(Path, Segments.Header(), frames.Chunk(1), closes: true);
        using var reader = SegmentReader.Open(Path);

        Assert.Equal(Numbers(5, 30), Segments.Sequences(reader.ReadFrom(25, fromKeyframe: true)));
        Assert.Equal(Numbers(5, 30), Segments.Sequences(reader.ReadFrom(Segments.Start.AddMilliseconds(33 * 20))));
        Assert.Equal(Numbers(1, 30), Segments.Sequences(reader.ReadFrom(4, fromKeyframe: true)));
    }

    [Fact]
    public void A_gap_that_covers_the_sequence_is_told()
    {
        Segments.Write(Path, Segments.Header(), [[Segments.Picture(1)], [Segments.Missing(2, 4), Segments.Picture(5)]], closes: true);
        using var reader = SegmentReader.Open(Path);

        Assert.Equal(Segments.Expected([Segments.Missing(2, 4), Segments.Picture(5)]), Segments.Told(reader.ReadFrom(3)));
        Assert.Equal(Segments.Expected([Segments.Picture(5)]), Segments.Told(reader.ReadFrom(5)));
    }

    [Fact]
    public void A_reader_sees_what_is_appended_meanwhile_and_after()
    {
        using var writer = SegmentWriter.Create(Path, Segments.Header());
        using var reader = SegmentReader.Open(Path);
        Assert.Empty(reader.ReadAll());
        writer.Append([Segments.Picture(1)]);

        using (var reading = reader.ReadAll().GetEnumerator())
        {
            Assert.True(reading.MoveNext());
            writer.Append([Segments.Picture(2), Segments.Picture(3)]);
            Assert.True(reading.MoveNext() && reading.MoveNext());
            Assert.False(reading.MoveNext());
        }

        writer.Append([Segments.Picture(4)]);
        Assert.Equal(Numbers(3, 4), Segments.Sequences(reader.ReadFrom(3)));
        writer.Close();
        Assert.Equal(Numbers(1, 4), Segments.Sequences(reader.ReadAll()));
        Assert.Empty(reader.Damage);
    }

    [Fact]
    public void A_writer_knows_what_it_has_written()
    {
        using var writer = SegmentWriter.Create(Path, Segments.Header());
        Assert.Equal((0, 0ul, default, default), (writer.Frames, writer.LastSequence, writer.LastLogTime, writer.LastCapturedAt));
        writer.Append([Segments.Picture(7, capturedMillis: 500), Segments.Picture(8, capturedMillis: 400), Segments.Missing(9, 9)]);

        Assert.Equal((2, 7ul, 8ul), (writer.Frames, writer.FirstSequence, writer.LastSequence));
        Assert.Equal((Segments.Start.AddMilliseconds(400), Segments.Start.AddMilliseconds(500)), (writer.FirstCapturedAt, writer.LastCapturedAt));
        Assert.Equal(Segments.Start.AddMilliseconds(500), writer.LastLogTime);
        Assert.Equal(new FileInfo(Path).Length, writer.Length);
        Assert.False(writer.Summary().IsClosed);
        Assert.Throws<ArgumentException>(() => writer.Append([Segments.Picture(8)]));
        Assert.Throws<IOException>(() => SegmentWriter.Create(Path, Segments.Header()));
    }

    [Fact]
    public void What_is_no_segment_is_refused_with_a_reason()
    {
        foreach (var content in (byte[][])[[], [1, 2, 3], new byte[1000], [0x89, .. "MCAP0\r\n"u8]])
        {
            File.WriteAllBytes(Path, content);

            Assert.Contains(Path, Assert.Throws<InvalidDataException>(() => SegmentReader.Open(Path)).Message, StringComparison.Ordinal);
            Assert.Null(SegmentRepair.Inspect(Path, out var mistake));
            Assert.Null(SegmentRepair.Recover(Path));
            Assert.Contains(Path, mistake, StringComparison.Ordinal);
        }
    }

    private static ulong[] Numbers(ulong first, ulong last) =>
        [.. Enumerable.Range(0, (int)Math.Max(0, (long)last - (long)first + 1)).Select(i => first + (ulong)i)];
}
