using Framewire.Edge.Sources;
using Framewire.Edge.Sources.Pattern;
using Framewire.Protocol.Video;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Edge.Sources;

/// <summary>The built-in test pattern, whose counter is read back from pictures that ffmpeg has decoded.</summary>
public class PatternTests
{
    [Theory]
    [InlineData(1280, 720)]
    [InlineData(353, 265)]
    [InlineData(72, 24)]
    [InlineData(1920, 1080)]
    public void The_counter_is_read_back_from_the_image(int width, int height)
    {
        var pattern = new TestPattern(new PlanarCanvas(width, height, chroma: true));
        var image = new byte[pattern.ImageBytes];
        foreach (var counter in new[] { 0u, 1u, 0x55555555u, 0xAAAAAAAAu, uint.MaxValue, 123_456_789u })
        {
            pattern.Draw(image, counter, DateTimeOffset.UnixEpoch);

            Assert.True(CounterBlocks.TryRead(image, width, height, width, out var read));
            Assert.Equal(counter, read);
        }
    }

    [Fact]
    public void An_image_without_blocks_has_no_counter()
    {
        Assert.False(CounterBlocks.TryRead(new byte[640 * 480], 640, 480, 640, out _));
        Assert.False(CounterBlocks.TryRead([], 640, 480, 640, out _));
        Assert.False(CounterBlocks.TryRead(new byte[20], 10, 2, 10, out _));
        Assert.False(CounterBlocks.TryRead(new byte[100], int.MaxValue, int.MaxValue, int.MaxValue, out _));
    }

    [Theory]
    [InlineData(Encoding.Gray, "rawvideo", 640, 360)]
    [InlineData(Encoding.Bgr, "rawvideo", 640, 360)]
    [InlineData(Encoding.Jpeg, "mjpeg", 1280, 720)]
    [InlineData(Encoding.Jpeg, "mjpeg", 353, 265)]
    [InlineData(Encoding.H264, "h264", 1280, 720)]
    [InlineData(Encoding.H264, "h264", 353, 265)]
    public async Task Every_frame_of_the_pattern_shows_its_own_number(Encoding encoding, string format, int width, int height)
    {
        const int count = 45;
        var options = new SourceOptions { Source = "test", Encode = encoding, Fast = true, Size = (width, height), FrameRate = 30 };

        var reading = await Reading.OfAsync(options, count);

        Assert.Equal(count, reading.Frames.Count);
        var layout = encoding is Encoding.Gray ? "gray" : "bgr24";
        string[] input = format is "rawvideo" ? ["-pix_fmt", layout, "-video_size", $"{reading.Format.Width}x{reading.Format.Height}"] : [];
        var luma = await Tool.RunAsync("ffmpeg", ["-v", "error", "-f", format, .. input, "-i", "pipe:0", "-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "gray", "-"], reading.Bytes);
        Assert.Equal(Enumerable.Range(0, count).Select(number => (uint)number), Counters(luma, reading.Format));
        Assert.Equal(Enumerable.Range(0, count).Select(number => Math.Round(number / 30.0, 3)), reading.Frames.Select(frame => Math.Round(frame.Pts.TotalSeconds, 3)));
    }

    [Fact]
    public async Task H264_keyframes_come_at_their_interval_and_carry_their_parameter_sets()
    {
        var options = new SourceOptions { Source = "test", Encode = Encoding.H264, Fast = true, Size = (320, 180), KeyframeInterval = TimeSpan.FromSeconds(0.5) };

        var reading = await Reading.OfAsync(options, most: 61);

        Assert.Equal([0, 15, 30, 45, 60], reading.Frames.Index().Where(frame => frame.Item.IsKeyframe).Select(frame => frame.Index));
        Assert.True(H264AccessUnit.TryReadSequence(reading.Frames[15].Payload, out var sequence));
        Assert.Equal((320, 180), (sequence.Width, sequence.Height));
    }

    [Fact]
    public async Task The_pattern_is_1280x720_at_30_unless_asked_otherwise()
    {
        await using var source = FrameSource.Create(new SourceOptions { Source = "test" }, TimeProvider.System);

        Assert.Equal(new StreamFormat(Codec.Jpeg, 1280, 720, 30), await source.OpenAsync(CancellationToken.None));
        Assert.True(source.IsLive);
    }

    private static IEnumerable<uint> Counters(byte[] luma, StreamFormat format)
    {
        var imageBytes = format.Width * format.Height;
        for (var start = 0; start + imageBytes <= luma.Length; start += imageBytes)
            yield return CounterBlocks.TryRead(luma.AsSpan(start, imageBytes), format.Width, format.Height, format.Width, out var counter) ? counter : uint.MaxValue;
    }
}
