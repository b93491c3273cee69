using Framewire.Edge.Sources;
using Framewire.Edge.Sources.Jpeg;
using Framewire.Edge.Sources.Pattern;
using Framewire.Protocol.Media;
using Framewire.Protocol.Video;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Edge.Sources;

/// <summary>JPEGs that we make or mend, judged by ffmpeg.</summary>
public class JpegEncoderTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(17, 9)]
    [InlineData(353, 265)]
    public async Task A_jpeg_of_any_size_decodes_to_nearly_the_same_image(int width, int height)
    {
        var pattern = new TestPattern(new PlanarCanvas(width, height, chroma: true));
        var image = new byte[pattern.ImageBytes];
        pattern.Draw(image, 7, DateTimeOffset.UnixEpoch);
        using var encoder = new JpegEncoder(width, height, 95);

        var jpeg = encoder.Encode(image);

        var decoded = await Tool.RunAsync("ffmpeg", ["-v", "error", "-f", "mjpeg", "-i", "pipe:0", "-pix_fmt", "yuvj420p", "-f", "rawvideo", "-"], jpeg.Memory);
        Assert.Equal(image.Length, decoded.Length);
        Assert.InRange(image.Zip(decoded, (ours, theirs) => Math.Abs(ours - theirs)).Average(), 0, 4);
    }

    [Fact]
    public async Task A_lower_quality_makes_smaller_files()
    {
        var fine = await Reading.OfAsync(new SourceOptions { Source = "test", Fast = true, Quality = 95 }, most: 1);
        var coarse = await Reading.OfAsync(new SourceOptions { Source = "test", Fast = true, Quality = 20 }, most: 1);

        Assert.True(coarse.Frames[0].Payload.Length * 5 < fine.Frames[0].Payload.Length * 4, $"{coarse.Frames[0].Payload.Length} and {fine.Frames[0].Payload.Length} bytes");
    }

    [Theory]
    [InlineData("test")]
    [InlineData("car-detection.mp4")]
    public async Task The_quality_can_be_lowered_while_the_source_runs(string name)
    {
        await using var source = FrameSource.Create(new SourceOptions { Source = name is "test" ? name : Shared.Clip(name), Quality = 95, Fast = true }, TimeProvider.System);
        await source.OpenAsync(CancellationToken.None);
        var sizes = new List<int>();
        await foreach (var frame in source.ReadAsync(CancellationToken.None))
        {
            sizes.Add(frame.Payload.Length);
            frame.Release();
            Assert.True(source.TrySetQuality(20));
            if (sizes.Count == 2)
                break;
        }

        Assert.True(sizes[1] * 5 < sizes[0] * 4, $"{sizes[0]} then {sizes[1]} bytes");
    }

    [Fact]
    public async Task A_cameras_jpeg_without_huffman_tables_gets_the_usual_ones()
    {
        var whole = (await Reading.OfAsync(new SourceOptions { Source = "test", Fast = true, Size = (96, 64) }, most: 1)).Frames[0].Payload;
        var bare = WithoutTables(whole);
        Assert.True(JpegHeader.TryRead(bare, out var header) && !header.HasHuffmanTables);

        var mended = UsualHuffmanTables.Complete(FrameBuffer.CopyOf(bare));

        Assert.True(JpegHeader.TryRead(mended.Memory.Span, out header) && header.HasHuffmanTables);
        Assert.Equal(await DecodeAsync(whole), await DecodeAsync(mended.Memory.ToArray()));
    }

    [Fact]
    public void A_jpeg_with_tables_and_what_is_no_jpeg_stay_as_they_are()
    {
        var buffer = FrameBuffer.CopyOf([1, 2, 3]);

        Assert.Same(buffer, UsualHuffmanTables.Complete(buffer));
    }

    private static Task<byte[]> DecodeAsync(byte[] jpeg) =>
        Tool.RunAsync("ffmpeg", ["-v", "error", "-f", "mjpeg", "-i", "pipe:0", "-f", "rawvideo", "-"], jpeg);

    /// <summary>Takes the DHT segments (FF C4) out of the head of a JPEG.</summary>
    private static byte[] WithoutTables(byte[] jpeg)
    {
        var bare = new List<byte>(jpeg[..2]);
        var at = 2;
        while (jpeg[at + 1] != 0xDA)
        {
            var length = 2 + (jpeg[at + 2] << 8 | jpeg[at + 3]);
            if (jpeg[at + 1] != 0xC4)
                bare.AddRange(jpeg[at..(at + length)]);
            at += length;
        }
        return [.. bare, .. jpeg[at..]];
    }
}
