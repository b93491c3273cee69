using Framewire.Protocol.Video;
using Framewire.Tests.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace Framewire.Tests.Video;

/// <summary>H.264 access units, whole and damaged; the sequence parameter sets are x264's, and what they say was checked with ffprobe.</summary>
public class H264AccessUnitTests
{
    private static readonly byte[] Code = [0, 0, 0, 1];
    private static readonly byte[] Picture = [0x68, 0xCE, 0x3C, 0x80];
    private static readonly byte[] Idr = [0x65, 0x88, 0x84];
    private static readonly byte[] Slice = [0x41, 0x9A, 0x00];

    [Theory]
    [InlineData("Spi", true)]
    [InlineData("aeSpi", true)]
    [InlineData("Spii", true)]
    [InlineData("i", false)]
    [InlineData("Si", false)]
    [InlineData("pi", false)]
    [InlineData("iSp", false)]
    [InlineData("Sps", false)]
    [InlineData("Spsi", false)]
    [InlineData("Sp", false)]
    [InlineData("", false)]
    public async Task A_keyframe_is_an_idr_picture_after_both_parameter_sets(string units, bool isKeyframe)
    {
        var sequence = await SequenceOfAsync(64, 48, "main");
        byte[] bytes =
        [
            .. units.SelectMany(unit => (byte[])[.. Code, .. unit switch
            {
                'S' => sequence,
                'p' => Picture,
                'i' => Idr,
                's' => Slice,
                'a' => [0x09, 0xF0],
                _ => [0x06, 0x05, 0x00, 0x80],
            }]),
        ];

        Assert.Equal(isKeyframe, H264AccessUnit.IsKeyframe(bytes));
    }

    [Theory]
    [InlineData(64, 48, "baseline", "yuv420p")]
    [InlineData(1920, 1080, "high", "yuv420p")]
    [InlineData(1280, 720, "main", "yuv420p")]
    [InlineData(354, 266, "high", "yuv420p")]
    [InlineData(354, 265, "high422", "yuv422p")]
    [InlineData(353, 265, "high444", "yuv444p")]
    [InlineData(64, 48, "high", "gray")]
    public async Task Size_and_profile_are_what_ffprobe_says(int width, int height, string profile, string layout)
    {
        var stream = await EncodeAsync(width, height, profile, layout);

        Assert.True(H264AccessUnit.TryReadSequence(stream, out var sequence));

        Assert.Equal((width, height), (sequence.Width, sequence.Height));
        var probed = await Tool.LinesAsync("ffprobe", ["-v", "error", "-show_entries", "stream=level,width,height", "-of", "csv=p=0", "pipe:0"], stream);
        Assert.Equal($"{width},{height},{sequence.Level}", probed[0]);
        Assert.Matches("^avc1\\.[0-9a-f]{6}$", sequence.CodecString);
    }

    [Fact]
    public async Task Interlaced_pictures_are_as_high_as_both_fields()
    {
        var stream = await EncodeAsync(64, 1080, "high", "yuv420p", "-flags", "+ildct+ilme");

        Assert.True(H264AccessUnit.TryReadSequence(stream, out var sequence));
        Assert.Equal((64, 1080), (sequence.Width, sequence.Height));
    }

    [Fact]
    public void The_codec_string_is_what_browsers_expect() =>
        Assert.Equal("avc1.64001f", new H264Sequence(100, 0, 31, 1280, 720).CodecString);

    [Fact]
    public void Units_end_at_start_codes_of_both_lengths_and_lose_trailing_zeros()
    {
        byte[] bytes = [9, 9, 0, 0, 1, 0x67, 1, 0, 0, 0, 1, 0x68, 2, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0x65, 0, 0, 3, 1];
        var found = new List<string>();
        foreach (var unit in new H264Units(bytes))
            found.Add(Convert.ToHexString(unit));

        Assert.Equal(["6701", "6802", "6500000301"], found);
    }

    [Fact]
    public async Task No_damage_makes_it_throw()
    {
        byte[] whole = [.. Code, .. await SequenceOfAsync(354, 266, "high"), .. Code, .. Picture, .. Code, .. Idr];
        var damage = (from at in Gen.Choose(0, whole.Length - 1) from value in Gen.Choose(0, 255) select (at, (byte)value)).ListOf();
        Prop.ForAll(damage.ToArbitrary(), changes =>
        {
            var bytes = (byte[])whole.Clone();
            foreach (var (at, value) in changes)
                bytes[at] = value;
            return IsReadOrRefused(bytes);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
        Prop.ForAll<byte[]>(bytes => IsReadOrRefused([0, 0, 1, 0x67, .. bytes])).QuickCheckThrowOnFailure();
        for (var length = 0; length < whole.Length; length++)
            Assert.True(IsReadOrRefused(whole.AsSpan(0, length)));
    }

    [Fact]
    public void Every_damaged_file_is_read_or_refused_but_never_thrown_at()
    {
        foreach (var path in Shared.AllMalformed())
            Assert.True(IsReadOrRefused(File.ReadAllBytes(path)), path);
    }

    [Fact]
    public void A_size_beyond_the_limit_is_refused() =>
        Assert.False(H264AccessUnit.TryReadSequence(File.ReadAllBytes(Shared.Malformed("made/h264-sps-65536x65536-bomb.h264")), out _));

    private static bool IsReadOrRefused(ReadOnlySpan<byte> bytes)
    {
        H264AccessUnit.IsKeyframe(bytes);
        return !H264AccessUnit.TryReadSequence(bytes, out var sequence)
            || sequence is { Width: >= 1 and <= StreamFormat.MaxSide, Height: >= 1 and <= StreamFormat.MaxSide };
    }

    private static async Task<byte[]> SequenceOfAsync(int width, int height, string profile)
    {
        foreach (var unit in new H264Units(await EncodeAsync(width, height, profile, "yuv420p")))
            if ((unit[0] & 0x1F) == 7)
                return unit.ToArray();
        throw new InvalidOperationException("x264 gave no sequence parameter set.");
    }

    private static Task<byte[]> EncodeAsync(int width, int height, string profile, string layout, params string[] more) =>
        Tool.RunAsync("ffmpeg",
        [
            "-v", "error", "-f", "lavfi", "-i", $"color=s={width}x{height},format={layout}", "-frames:v", "1", "-c:v", "libx264", "-preset", "ultrafast",
            "-profile:v", profile, "-pix_fmt", layout, .. more, "-f", "h264", "-",
        ]);
}
