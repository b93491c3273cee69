using Framewire.Edge.Sources;
using Framewire.Protocol.Video;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Edge.Sources;

/// <summary>Real clips through every encoding, judged by ffprobe and ffmpeg.</summary>
public class ClipTests
{
    private static readonly (int, int)[] Sizes = [(640, 480), (353, 265), (768, 432), (768, 432)];

    public static TheoryData<string> Clips => [.. Shared.Clips];

    [Theory, MemberData(nameof(Clips))]
    public async Task Copying_a_clip_gives_every_frame_with_its_own_time_and_keyframe_mark(string clip)
    {
        var path = Shared.Clip(clip);
        var expected = await Probe.PacketsAsync(path);

        var reading = await Reading.OfAsync(new SourceOptions { Source = path, Encode = Encoding.Copy, Fast = true });

        Assert.Equal(expected.Select(packet => (packet.Pts, packet.IsKey)), reading.Frames.Select(frame => (frame.Pts, frame.IsKeyframe)));
        Assert.Equal(Sizes[Array.IndexOf(Shared.Clips, clip)], (reading.Format.Width, reading.Format.Height));
    }

    [Theory, MemberData(nameof(Clips))]
    public async Task A_copied_clip_decodes_to_the_very_same_images(string clip)
    {
        var path = Shared.Clip(clip);
        var reading = await Reading.OfAsync(new SourceOptions { Source = path, Encode = Encoding.Copy, Fast = true });
        var format = reading.Format.Codec is Codec.Jpeg ? "mjpeg" : "h264";

        Assert.Equal(await ImageHashesAsync(["-i", path]), await ImageHashesAsync(["-f", format, "-i", "pipe:0"], reading.Bytes));
    }

    [Theory, MemberData(nameof(Clips))]
    public async Task Every_frame_of_a_clip_becomes_a_jpeg_that_others_decode(string clip)
    {
        var path = Shared.Clip(clip);
        var expected = await Probe.PacketsAsync(path);

        var reading = await Reading.OfAsync(new SourceOptions { Source = path, Encode = Encoding.Jpeg, Fast = true, Quality = 70 });

        Assert.Equal(expected.Select(packet => packet.Pts).Order(), reading.Frames.Select(frame => frame.Pts));
        Assert.All(reading.Frames, frame => Assert.True(
            JpegHeader.TryRead(frame.Payload, out var header) && (header.Width, header.Height) == (reading.Format.Width, reading.Format.Height)));
        Assert.Equal(expected.Count, (await ImageHashesAsync(["-f", "mjpeg", "-i", "pipe:0"], reading.Bytes)).Length);
    }

    [Theory, MemberData(nameof(Clips))]
    public async Task Every_frame_of_a_clip_becomes_h264_without_b_frames(string clip)
    {
        var path = Shared.Clip(clip);
        var expected = await Probe.PacketsAsync(path);

        var reading = await Reading.OfAsync(new SourceOptions { Source = path, Encode = Encoding.H264, Fast = true });

        Assert.Equal(expected.Select(packet => packet.Pts).Order(), reading.Frames.Select(frame => frame.Pts));
        Assert.True(reading.Frames[0].IsKeyframe);
        Assert.Equal(reading.Format with { Width = reading.Format.Width & ~1, Height = reading.Format.Height & ~1 }, reading.Format);
        Assert.Equal(expected.Count, (await ImageHashesAsync(["-f", "h264", "-i", "pipe:0"], reading.Bytes)).Length);
    }

    [Theory, MemberData(nameof(Clips))]
    public async Task Raw_images_have_exactly_the_bytes_that_their_format_says(string clip)
    {
        var path = Shared.Clip(clip);
        foreach (var encoding in new[] { Encoding.Gray, Encoding.Bgr })
        {
            var reading = await Reading.OfAsync(new SourceOptions { Source = path, Encode = encoding, Fast = true }, most: 70);

            Assert.Equal(Sizes[Array.IndexOf(Shared.Clips, clip)], (reading.Format.Width, reading.Format.Height));
            Assert.All(reading.Frames, frame => Assert.Equal(reading.Format.RawFrameBytes, frame.Payload.Length));
            Assert.True(reading.Frames.Count is 63 or 70);
        }
    }

    /// <summary>One hash for each decoded image.</summary>
    private static async Task<string[]> ImageHashesAsync(string[] input, byte[]? bytes = null)
    {
        string[] output = ["-map", "0:v:0", "-fps_mode", "passthrough", "-f", "framemd5", "-"];
        var lines = await Tool.LinesAsync("ffmpeg", ["-v", "error", "-threads", "1", .. input, .. output], bytes ?? []);
        return [.. lines.Where(line => line[0] != '#').Select(line => line[(line.LastIndexOf(',') + 1)..].Trim())];
    }
}
