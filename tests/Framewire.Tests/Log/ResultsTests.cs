using Framewire.Protocol.Log;
using Framewire.Protocol.Video;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Log;

/// <summary>What processors made of frames is in a segment beside them, and is read without them.</summary>
public sealed class ResultsTests : IDisposable
{
    private readonly Folder _folder = Folder.InMemory();

    private string Path => _folder["segment.mcap"];

    public void Dispose() => _folder.Dispose();

    private static LogEntry.Results Full(ulong sequence) => Segments.Results(sequence, "session-a", -1,
        new FrameResult
        {
            Processor = "people",
            Reply = 2,
            Detections = [new Detection("person", 0.875f, new Box(-0.1f, 0, 0.5f, 1.25f), 7), new Detection("Straße, bei Nacht", 0.25f)],
            Values = new Dictionary<string, string> { ["brightness"] = "0.5" },
            Data = new byte[] { 1, 2, 3 },
        },
        FrameResult.Failed("plates", "it has no model"),
        FrameResult.Skipped("slow"));

    private static string[] Told(IEnumerable<LogEntry> entries) => Segments.Told(entries.Cast<LogEntry.Results>().Select(entry => entry.Of));

    /// <summary>Frames two by two, each pair followed by the results of the pair before it.</summary>
    private static List<LogEntry[]> Chunks(int pairs)
    {
        var frames = Segments.Chunks(pairs, frames: 2);
        return [.. frames.SelectMany((chunk, i) => (LogEntry[][])[chunk, [Segments.Results((ulong)(2 * i), ["person"]), Segments.Results((ulong)(2 * i) + 1, ["cat", "dog"])]])];
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_is_written_comes_out_again_and_frames_come_out_without_it(bool closes)
    {
        LogEntry[] frames = [Segments.Picture(1), Segments.Picture(2), Segments.Missing(3, 3)];
        LogEntry[] results = [Full(1), Segments.Results(9, ["person"], 0.75f, session: "session-before", capturedMillis: 10), Segments.Results(2, [])];
        Segments.Write(Path, Segments.Header(), [frames, results[..2], [Segments.Picture(4)], results[2..]], closes);

        Assert.Equal(Segments.Expected([.. frames, Segments.Picture(4)]), Segments.ReadAll(Path));
        Assert.Equal(Told(results), Segments.ReadResults(Path));
        var sums = SegmentRepair.Inspect(Path)!.Results;
        Assert.Equal((3, Segments.Start.AddMilliseconds(10), Segments.Start.AddMilliseconds(66), false), (sums.Frames, sums.FirstCapturedAt, sums.LastCapturedAt, sums.HasMoreLabels));
        Assert.Equal([new LabelSum("people", "person", 2, 0.875f), new LabelSum("people", "Straße, bei Nacht", 1, 0.25f)], sums.Labels);
        Assert.Equal(sums.Labels, SegmentRepair.Recover(Path)!.Results.Labels);
        Assert.Equal(Told(results), Segments.ReadResults(Path));
    }

    [Fact]
    public void A_segment_may_have_results_alone()
    {
        Segments.Write(Path, Segments.Header(), [[Full(1)]], closes: true);

        var summary = SegmentRepair.Inspect(Path)!;
        Assert.Equal((0, 0ul, 1, false), (summary.Frames, summary.LastSequence, summary.Results.Frames, summary.IsEmpty));
        Assert.Empty(Segments.ReadAll(Path));
        Assert.Equal(Told([Full(1)]), Segments.ReadResults(Path));
    }

    [Fact]
    public void Among_frames_they_are_refused()
    {
        using var writer = SegmentWriter.Create(Path, Segments.Header());

        Assert.Throws<ArgumentException>(() => writer.Append([Segments.Picture(1), Full(1)]));
        Assert.Throws<ArgumentException>(() => writer.Append([Full(1), Segments.Picture(1)]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void One_can_begin_anywhere_among_results_of_earlier_times(bool closes)
    {
        var chunks = Segments.Chunks(chunks: 9, frames: 4).SelectMany(chunk => (LogEntry[][])[chunk, [Segments.Results(1, ["person"], capturedMillis: 1)]]);
        Segments.Write(Path, Segments.Header(), chunks, closes);
        using var reader = SegmentReader.Open(Path);

        for (var sequence = 1ul; sequence <= 36; sequence++)
        {
            var keyframe = ((sequence - 1) / 4 * 4) + 1;
            Assert.Equal((sequence, 37 - (int)sequence), Begun(reader.ReadFrom(sequence)));
            Assert.Equal((keyframe, 37 - (int)keyframe), Begun(reader.ReadFrom(sequence, fromKeyframe: true)));
            Assert.Equal((keyframe, 37 - (int)keyframe), Begun(reader.ReadFrom(Segments.Start.AddMilliseconds(33 * (int)sequence))));
        }
    }

    private static (ulong First, int Count) Begun(IEnumerable<LogEntry> entries) => Segments.Sequences(entries) is var all ? (all[0], all.Length) : default;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void No_picture_is_read_for_them(bool closes)
    {
        var chunks = Chunks(pairs: 4);
        var ends = Segments.Write(Path, Segments.Header(), chunks, closes);
        var bytes = File.ReadAllBytes(Path);
        // Behind the chunk's head and its first message's, all of the frames is spoilt.
        for (var i = 0; i < chunks.Count; i += 2)
            bytes.AsSpan((int)ends[i] + 49 + 31, 200).Fill(0xEE);
        File.WriteAllBytes(Path, bytes);

        using var reader = SegmentReader.Open(Path);
        Assert.Equal(Told(chunks.Where((_, i) => i % 2 == 1).SelectMany(chunk => chunk)), Segments.Told(reader.ReadResults()));
        Assert.Empty(reader.Damage);
        Assert.Empty(reader.ReadAll());
        Assert.Equal(4, reader.Damage.Count);
    }

    [Theory]
    [InlineData(false, 0xFF)]
    [InlineData(true, 0xFF)]
    [InlineData(false, 0x01)]
    [InlineData(true, 0x01)]
    public void A_damaged_byte_costs_its_chunk_at_most_and_is_told(bool closes, byte flipped)
    {
        var chunks = Chunks(pairs: 3);
        var ends = Segments.Write(Path, Segments.Header(), chunks, closes);
        var whole = File.ReadAllBytes(Path);
        var all = Told(chunks.Where((_, i) => i % 2 == 1).SelectMany(chunk => chunk));
        string[] outside = [.. all[..2], .. all[4..]];

        for (var at = (int)ends[3]; at < ends[4]; at++)
        {
            var damaged = (byte[])whole.Clone();
            damaged[at] ^= flipped;
            File.WriteAllBytes(Path, damaged);

            using (var reader = SegmentReader.Open(Path))
            {
                var read = Segments.Told(reader.ReadResults());
                Assert.True(read.SequenceEqual(all) || (read.SequenceEqual(outside) && reader.Damage.Count > 0), $"byte {at}: {read.Length} results, {string.Join(' ', reader.Damage)}");
                Assert.Equal([1ul, 2, 3, 4, 5, 6], Segments.Sequences(reader.ReadAll()));
            }

            Assert.True(SegmentRepair.Recover(Path)!.IsClosed);
            Assert.True(Segments.ReadResults(Path).Length is 4 or 6);
        }
    }

    [Fact]
    public void Cut_anywhere_a_segment_keeps_every_whole_chunk_of_them()
    {
        var chunks = Chunks(pairs: 3);
        var ends = Segments.Write(Path, Segments.Header(), chunks, closes: false);
        var whole = File.ReadAllBytes(Path);
        var all = Told(chunks.Where((_, i) => i % 2 == 1).SelectMany(chunk => chunk));
        for (var cut = (int)ends[3]; cut < (int)ends[4]; cut++)
        {
            File.WriteAllBytes(Path, whole[..cut]);
            var end = ends[3] + 9 + BitConverter.ToInt64(whole, (int)ends[3] + 1);
            var expected = cut < end ? all[..2] : all[..4];

            Assert.Equal(expected, Segments.ReadResults(Path));
            Assert.Equal(expected.Length, SegmentRepair.Recover(Path)!.Results.Frames);
            Assert.Equal(expected, Segments.ReadResults(Path));
            Assert.Equal(expected.Length, SegmentRepair.Inspect(Path)!.Results.Frames);
        }
    }

    [Fact]
    public void Nothing_random_makes_a_reader_throw_or_invent_one()
    {
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var chunks = Chunks(pairs: 4);
        var told = Told(chunks.Where((_, i) => i % 2 == 1).SelectMany(chunk => chunk)).ToHashSet();
        foreach (var closes in (bool[])[false, true])
        {
            var headerBytes = (int)Segments.Write(_folder[$"{closes}"], Segments.Header(), chunks, closes)[0];
            var whole = File.ReadAllBytes(_folder[$"{closes}"]);
            for (var round = 0; round < 500; round++)
            {
                File.WriteAllBytes(Path, DamageTests.Mutated(whole, headerBytes, random));
                Assert.Subset(told, Segments.ReadResults(Path).ToHashSet());
                Assert.NotNull(SegmentRepair.Recover(Path));
                Assert.Subset(told, Segments.ReadResults(Path).ToHashSet());
            }
        }
    }

    [Fact]
    public void A_processor_that_invents_labels_does_not_make_the_summary_grow()
    {
        Segments.Write(Path, Segments.Header(), [[.. Enumerable.Range(0, 1000).Select(LogEntry (i) => Segments.Results((ulong)i + 1, [$"thing {i}", "person"]))]], closes: true);

        var sums = SegmentRepair.Inspect(Path)!.Results;
        Assert.Equal((1000, SegmentResults.MaxLabels, true), (sums.Frames, sums.Labels.Count, sums.HasMoreLabels));
        Assert.Equal(new LabelSum("people", "person", 1000, 0.5f), sums.Labels[1]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_segment_of_an_earlier_version_is_read_and_closed(bool isClosed)
    {
        // Written by version 0.1 of the recorder, with three channels: eight frames of the test pattern.
        var old = File.ReadAllBytes(Repository.PathTo("tests", "Framewire.Tests", "Log", "three-channels.mcap"));
        File.WriteAllBytes(Path, isClosed ? old : old[..^40]);

        var frames = Segments.ReadAll(Path);
        Assert.Equal(8, frames.Length);
        Assert.Empty(Segments.ReadResults(Path));
        var summary = SegmentRepair.Recover(Path)!;
        Assert.Equal((8, true, 0), (summary.Frames, summary.IsClosed, summary.Results.Frames));
        Assert.Equal(frames, Segments.ReadAll(Path));
    }
}
