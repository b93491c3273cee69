using Framewire.Protocol.Log;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Log;

/// <summary>A torn or damaged segment gives all that is whole in it, never anything else, and can be closed in order.</summary>
public sealed class DamageTests : IDisposable
{
    private readonly Folder _folder = Folder.InMemory();

    private string Path => _folder["segment.mcap"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Cut_anywhere_a_segment_keeps_every_whole_chunk_and_can_be_closed(bool wasClosed)
    {
        var chunks = Segments.Chunks(chunks: 4, frames: 3);
        var ends = Segments.Write(Path, Segments.Header(), chunks, wasClosed);
        var whole = File.ReadAllBytes(Path);
        var told = chunks.ConvertAll(Segments.Expected);
        var chunkEnds = ChunkEnds(whole, ends);

        // Every byte of the last two chunks and of the first records behind them, then every thirteenth.
        for (var cut = (int)ends[2]; cut < whole.Length; cut += cut < ends[^1] + 400 ? 1 : 13)
        {
            File.WriteAllBytes(Path, whole[..cut]);
            var expected = told.Where((_, i) => chunkEnds[i] <= cut).SelectMany(lines => lines).ToArray();

            using (var reader = SegmentReader.Open(Path))
            {
                Assert.Equal(expected, Segments.Told(reader.ReadAll()));
                Assert.Empty(reader.Damage);
            }

            Assert.False(SegmentRepair.Inspect(Path)!.IsClosed);
            RequireClosed(SegmentRepair.Recover(Path)!, expected);
        }
    }

    /// <summary>Where each chunk's own record ends; its indexes follow.</summary>
    private static long[] ChunkEnds(byte[] file, List<long> ends) =>
        [.. ends.SkipLast(1).Select(at => at + 9 + BitConverter.ToInt64(file, (int)at + 1))];

    private void RequireClosed(SegmentSummary summary, string[] expected)
    {
        Assert.True(summary.IsClosed);
        Assert.Equal(expected.Length, summary.Frames);
        Assert.Equivalent(summary, SegmentRepair.Inspect(Path));
        Assert.Equal(new FileInfo(Path).Length, summary.Bytes);
        Assert.Equal(expected, Segments.ReadAll(Path));
        var bytes = File.ReadAllBytes(Path);
        Assert.Equivalent(summary, SegmentRepair.Recover(Path));
        Assert.Equal(bytes, File.ReadAllBytes(Path));
    }

    [Theory]
    [InlineData(false, 0xFF)]
    [InlineData(true, 0xFF)]
    [InlineData(false, 0x01)]
    [InlineData(true, 0x01)]
    [InlineData(false, 0x80)]
    public void Any_damaged_byte_costs_its_chunk_at_most_and_is_told(bool closes, byte flipped)
    {
        var chunks = Segments.Chunks(chunks: 4, frames: 2, bytes: 10);
        chunks[1] = [chunks[1][0], Segments.Missing(99, 99), chunks[1][1]];
        var ends = Segments.Write(Path, Segments.Header(), chunks, closes);
        var whole = File.ReadAllBytes(Path);
        var told = chunks.ConvertAll(Segments.Expected);

        for (var at = (int)ends[1]; at < ends[3]; at++)
        {
            var damaged = (byte[])whole.Clone();
            damaged[at] ^= flipped;
            File.WriteAllBytes(Path, damaged);
            var hit = at < ends[2] ? 1 : 2;

            var (read, damage) = ReadAll();
            var outside = told.Where((_, i) => i != hit).SelectMany(lines => lines).ToArray();
            var all = told.SelectMany(lines => lines).ToArray();
            Assert.True(read.SequenceEqual(all) || (read.SequenceEqual(outside) && damage.Length > 0), $"byte {at}: {read.Length} entries, {string.Join(' ', damage)}");
            RequireSeekingStillWorks(hit);

            var summary = SegmentRepair.Recover(Path)!;
            Assert.True(summary.IsClosed);
            Assert.Equal(read, ReadAll().Read);
            Assert.True(closes || read.Length == all.Length || summary.Damage.Count > 0);
            Assert.Equal(damaged[..(int)ends[4]], File.ReadAllBytes(Path)[..(int)ends[4]]);
        }
    }

    private (string[] Read, string[] Damage) ReadAll()
    {
        using var reader = SegmentReader.Open(Path);
        return (Segments.Told(reader.ReadAll()), [.. reader.Damage]);
    }

    private void RequireSeekingStillWorks(int hit)
    {
        using var reader = SegmentReader.Open(Path);
        ulong[] frames = [1, 2, 7, 8];
        foreach (var sequence in (ulong[])[1, 2, 7, 8, (ulong)hit * 2])
        {
            Assert.Equal(frames.Where(frame => frame >= sequence), Segments.Sequences(reader.ReadFrom(sequence)).Intersect(frames));
            Assert.Superset(frames.Where(frame => frame >= sequence).ToHashSet(), Segments.Sequences(reader.ReadFrom(sequence, fromKeyframe: true)).ToHashSet());
        }

        Assert.Equal([7ul, 8], Segments.Sequences(reader.ReadFrom(Segments.Start.AddMilliseconds(33 * 8))).TakeLast(2));
    }

    [Fact]
    public void A_file_of_a_header_alone_is_closed_with_nothing_in_it()
    {
        var headerBytes = (int)Segments.Write(Path, Segments.Header(), [], closes: false)[0];
        var whole = File.ReadAllBytes(Path);
        var torn = 0;
        for (var cut = 0; cut <= headerBytes; cut++)
        {
            File.WriteAllBytes(Path, whole[..cut]);

            var summary = SegmentRepair.Recover(Path);
            torn += summary is null ? 1 : 0;
            if (summary is not null)
                RequireClosed(summary, []);
        }

        Assert.InRange(torn, 100, headerBytes / 2);
    }

    [Fact]
    public void Zeros_at_the_end_as_a_loss_of_power_leaves_them_are_cut_off()
    {
        var chunks = Segments.Chunks(chunks: 3, frames: 2);
        var ends = Segments.Write(Path, Segments.Header(), chunks, closes: false);
        using (var file = File.OpenWrite(Path))
            file.SetLength(ends[^1] + 5000);
        var expected = chunks.SelectMany(Segments.Expected).ToArray();

        var (read, damage) = ReadAll();
        Assert.Equal(expected, read);
        Assert.Single(damage);
        RequireClosed(SegmentRepair.Recover(Path)!, expected);
    }

    [Fact]
    public void A_damaged_summary_is_made_again()
    {
        var chunks = Segments.Chunks(chunks: 3, frames: 2);
        var ends = Segments.Write(Path, Segments.Header(), chunks, closes: true);
        var whole = File.ReadAllBytes(Path);
        var expected = chunks.SelectMany(Segments.Expected).ToArray();
        for (var at = (int)ends[^1]; at < whole.Length; at += 7)
        {
            var damaged = (byte[])whole.Clone();
            damaged[at] ^= 0x55;
            File.WriteAllBytes(Path, damaged);

            Assert.Equal(expected, Segments.ReadAll(Path));
            RequireClosed(SegmentRepair.Recover(Path)!, expected);
        }
    }

    [Fact]
    public void Nothing_random_makes_a_reader_throw_or_invent_a_frame()
    {
        var seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var chunks = Segments.Chunks(chunks: 5, frames: 3, bytes: 30);
        var told = chunks.SelectMany(Segments.Expected).ToHashSet();
        foreach (var closes in (bool[])[false, true])
        {
            var headerBytes = (int)Segments.Write(_folder[$"{closes}"], Segments.Header(), chunks, closes)[0];
            var whole = File.ReadAllBytes(_folder[$"{closes}"]);
            for (var round = 0; round < 1500; round++)
            {
                File.WriteAllBytes(Path, Mutated(whole, headerBytes, random));
                try
                {
                    Assert.Subset(told, ReadAll().Read.ToHashSet());
                    Assert.NotNull(SegmentRepair.Recover(Path));
                    Assert.Subset(told, ReadAll().Read.ToHashSet());
                }
                catch (Exception e)
                {
                    throw new InvalidOperationException($"Seed {seed}, closed {closes}, round {round}.", e);
                }
            }
        }
    }

    /// <summary>Some of: bytes changed, a piece cut out, random bytes put in, a piece repeated, cut short.</summary>
    internal static byte[] Mutated(byte[] whole, int from, Random random)
    {
        var bytes = whole.ToList();
        for (var i = random.Next(1, 5); i > 0; i--)
        {
            var at = random.Next(from, bytes.Count - 1);
            var count = random.Next(1, Math.Min(60, bytes.Count - at));
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1 when bytes.Count > from + 200:
                    bytes.RemoveRange(at, count);
                    break;
                case 2:
                    var noise = new byte[count];
                    random.NextBytes(noise);
                    bytes.InsertRange(at, noise);
                    break;
                case 3:
                    bytes.InsertRange(at, bytes.GetRange(at, count));
                    break;
                case 4 when at > from + 200:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
            }
        }

        return [.. bytes];
    }
}
