using Framewire.Edge.Sources;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Edge.Sources;

/// <summary>Files of other kinds than the clips, and what is asked of ffmpeg on the way.</summary>
public class FileTests
{
    [Theory]
    [InlineData(Encoding.Gray, 96, 54)]
    [InlineData(Encoding.Bgr, 97, 55)]
    [InlineData(Encoding.Jpeg, 97, 55)]
    [InlineData(Encoding.H264, 96, 54)]
    public async Task Size_and_rate_are_changed_on_request(Encoding encoding, int width, int height)
    {
        var options = new SourceOptions { Source = Shared.Clip("car-detection.mp4"), Encode = encoding, Size = (97, 55), FrameRate = 5, Fast = true };

        var reading = await Reading.OfAsync(options with { Size = encoding is Encoding.Gray ? (96, 54) : (97, 55) }, most: 20);

        Assert.Equal((width, height, 5.0), (reading.Format.Width, reading.Format.Height, reading.Format.FrameRate));
        Assert.Equal(Enumerable.Range(0, 20).Select(index => TimeSpan.FromSeconds(index * 0.2)), reading.Frames.Select(frame => frame.Pts));
    }

    [Theory]
    [InlineData("mpegts", "ts")]
    [InlineData("h264", "h264")]
    [InlineData("avi", "avi")]
    [InlineData("flv", "flv")]
    public async Task Copied_h264_is_what_ffmpeg_itself_would_write_whatever_the_container(string format, string suffix)
    {
        using var folder = new Folder();
        var path = folder["clip." + suffix];
        await Tool.RunAsync("ffmpeg", ["-v", "error", "-i", Shared.Clip("car-detection.mp4"), "-t", "4", "-an", "-c", "copy", "-f", format, path]);
        var expected = await Tool.RunAsync("ffmpeg", ["-v", "error", "-i", path, "-c", "copy", "-bsf:v", "h264_mp4toannexb,dump_extra=freq=keyframe", "-f", "data", "-map", "0:v", "-"]);

        var reading = await Reading.OfAsync(new SourceOptions { Source = path, Encode = Encoding.Copy, Fast = true });

        Assert.Equal(50, reading.Frames.Count);
        Assert.Equal(expected, reading.Bytes);
        Assert.True(reading.Frames[0].IsKeyframe);
        Assert.Equal(TimeSpan.Zero, reading.Frames[0].Pts);
    }

    [Fact]
    public async Task An_open_groups_i_picture_is_no_keyframe_though_its_container_says_so()
    {
        using var folder = new Folder();
        string[] openGroups = ["-c:v", "libx264", "-x264-params", "open-gop=1:keyint=15:min-keyint=1:scenecut=0:bframes=2:b-adapt=0"];
        await Tool.RunAsync("ffmpeg", ["-v", "error", "-f", "lavfi", "-i", "testsrc2=d=2:s=96x64", .. openGroups, folder["open.mp4"]]);
        var marked = await Probe.PacketsAsync(folder["open.mp4"]);
        Assert.True(marked.Count(packet => packet.IsKey) > 2);

        var reading = await Reading.OfAsync(new SourceOptions { Source = folder["open.mp4"], Encode = Encoding.Copy, Fast = true });

        Assert.Equal(marked.Select(packet => packet.Pts), reading.Frames.Select(frame => frame.Pts));
        Assert.Equal([0], reading.Frames.Index().Where(frame => frame.Item.IsKeyframe).Select(frame => frame.Index));
    }

    [Fact]
    public async Task A_name_that_looks_like_an_option_or_a_protocol_is_still_a_file()
    {
        using var folder = new Folder();
        var path = folder["concat:-y %d 'odd' [name].mkv"];
        File.Copy(Shared.Clip("asl-walk-face.mkv"), path);

        Assert.Equal(89, (await Reading.OfAsync(new SourceOptions { Source = path, Encode = Encoding.Copy, Fast = true })).Frames.Count);
    }

    [Fact]
    public async Task A_change_of_size_half_way_keeps_the_format_that_was_told()
    {
        var path = Shared.Malformed("made/h264-resolution-change.h264");

        var reading = await Reading.OfAsync(new SourceOptions { Source = path, Encode = Encoding.Gray, Fast = true });

        Assert.All(reading.Frames, frame => Assert.Equal(reading.Format.RawFrameBytes, frame.Payload.Length));
    }

    [Fact]
    public async Task A_bit_rate_is_kept_to()
    {
        var options = new SourceOptions { Source = Shared.Clip("car-detection.mp4"), Encode = Encoding.H264, Fast = true };

        var fine = await Reading.OfAsync(options, most: 100);
        var coarse = await Reading.OfAsync(options with { BitrateKbps = 64 }, most: 100);

        Assert.True(coarse.Bytes.Length * 3 < fine.Bytes.Length, $"{coarse.Bytes.Length} and {fine.Bytes.Length}");
        Assert.InRange(coarse.Bytes.Length * 8 / 8.0, 0, 64_000 * 1.6);
    }

    [Fact]
    public async Task Damaged_media_ends_or_is_refused_in_words_but_breaks_nothing()
    {
        // Every fifth of the damaged files: all of them, in three encodings, take a minute.
        var files = Shared.AllMalformed().Where(path => path.Contains("/made/", StringComparison.Ordinal)).Where((_, index) => index % 5 == 0);
        await Parallel.ForEachAsync(files, new ParallelOptions { MaxDegreeOfParallelism = 2 }, async (path, _) =>
        {
            try
            {
                var reading = await Reading.OfAsync(new SourceOptions { Source = path, Encode = path.EndsWith("jpg", StringComparison.Ordinal) ? Encoding.Jpeg : Encoding.Copy, Fast = true });
                Assert.NotEmpty(reading.Frames);
            }
            catch (SourceException refused)
            {
                Assert.DoesNotContain('\n', refused.Message);
            }
        });
    }
}
