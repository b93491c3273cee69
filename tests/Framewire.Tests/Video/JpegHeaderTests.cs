using Framewire.Protocol.Video;
using Framewire.Tests.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace Framewire.Tests.Video;

/// <summary>Heads of JPEG files, whole and damaged.</summary>
public class JpegHeaderTests
{
    private static readonly byte[] Whole =
    [
        0xFF, 0xD8,                                                         // SOI
        0xFF, 0xE0, 0, 4, 1, 2,                                             // APP0, two bytes
        0xFF, 0xFF, 0xFF, 0xC2, 0, 17, 8, 0x01, 0x09, 0x01, 0x61, 3,        // fill bytes, SOF2: 8 bits, 265 lines of 353, 3 components
        1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1,
        0xFF, 0xC4, 0, 2,                                                   // DHT, empty
        0xFF, 0xDA, 0, 2,                                                   // SOS
    ];

    [Fact]
    public void The_size_and_kind_are_read()
    {
        Assert.True(JpegHeader.TryRead(Whole, out var header));
        Assert.Equal(new JpegHeader(353, 265, 3, IsProgressive: true, HasHuffmanTables: true, ScanOffset: Whole.Length - 4), header);
    }

    [Fact]
    public void Every_cut_before_the_scan_is_refused()
    {
        for (var length = 0; length < Whole.Length; length++)
            Assert.False(JpegHeader.TryRead(Whole.AsSpan(0, length), out _), $"cut to {length}");
    }

    [Theory]
    [InlineData(14, 12, "12 bits a sample")]
    [InlineData(11, 0xC3, "lossless")]
    [InlineData(11, 0xC9, "arithmetic coding")]
    [InlineData(19, 2, "two components")]
    [InlineData(19, 255, "more components than the segment holds")]
    [InlineData(13, 1, "a segment shorter than its length")]
    public void What_browsers_do_not_show_is_refused(int at, byte value, string why)
    {
        var jpeg = (byte[])Whole.Clone();
        jpeg[at] = value;

        Assert.False(JpegHeader.TryRead(jpeg, out _), why);
    }

    [Fact]
    public void A_flood_of_markers_is_cut_off()
    {
        byte[] flood = [0xFF, 0xD8, .. Enumerable.Repeat<byte[]>([0xFF, 0x01], 100_000).SelectMany(marker => marker), .. Whole[2..]];

        Assert.False(JpegHeader.TryRead(flood, out _));
    }

    [Fact]
    public void No_damage_makes_it_throw()
    {
        var damage = (from at in Gen.Choose(0, Whole.Length - 1) from value in Gen.Choose(0, 255) select (at, (byte)value)).ListOf();
        Prop.ForAll(damage.ToArbitrary(), changes =>
        {
            var jpeg = (byte[])Whole.Clone();
            foreach (var (at, value) in changes)
                jpeg[at] = value;
            return !JpegHeader.TryRead(jpeg, out var header) || (header.Width is > 0 and <= 65535 && header.ScanOffset < jpeg.Length);
        }).QuickCheckThrowOnFailure();
        Prop.ForAll<byte[]>(bytes => !JpegHeader.TryRead(bytes, out _)).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Every_damaged_file_is_read_or_refused_but_never_thrown_at()
    {
        foreach (var path in Shared.AllMalformed())
            if (JpegHeader.TryRead(File.ReadAllBytes(path), out var header))
                Assert.True(header is { Width: > 0, Height: > 0, Components: 1 or 3 or 4 }, path);
    }
}
