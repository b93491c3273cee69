using Framewire.Edge.Sources;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Edge.Sources;

/// <summary>Each mistake of a user gets one line that says what happened, to what, and what to do next.</summary>
public class BadSourceTests
{
    [Theory]
    [InlineData("no/such.mp4", "There is no file 'no/such.mp4': check the path")]
    [InlineData("/dev/video99", "There is no camera '/dev/video99': ")]
    [InlineData("exec:no-such-command -x", "The command 'no-such-command -x' was not found (/bin/sh: 1: no-such-command: not found). Install it")]
    [InlineData("exec:echo no camera >&2; exit 3", "ended with exit code 3 (no camera). Run it by hand to see why.")]
    [InlineData("exec:true", "The command 'true' ended without writing any video. It must write video")]
    [InlineData("exec:echo hello", "The command 'echo hello' cannot be read (ffmpeg: pipe:0: Invalid data found when processing input). Check that it writes video")]
    [InlineData("rtsp://me:secret@127.0.0.1:9/x", "'rtsp://***@127.0.0.1:9/x' does not answer (ffmpeg: ")]
    [InlineData("http://127.0.0.1:9/x.mp4", "'http://127.0.0.1:9/x.mp4' does not answer (ffmpeg: ")]
    [InlineData("http://no-such-host.invalid/x", "'http://no-such-host.invalid/x' cannot be found (ffmpeg: ")]
    [InlineData("ftp://me:secret@host/x.mp4", "The address 'ftp://***@host/x.mp4' is not one that is read: use rtsp, rtsps, http or https, or a path.")]
    [InlineData("file:///etc/passwd", "is not one that is read")]
    [InlineData("", "The source is empty: name a file")]
    public async Task A_source_that_is_not_there_is_told_with_the_remedy(string name, string message) =>
        Assert.Contains(message, await MessageAsync(new SourceOptions { Source = name }), StringComparison.Ordinal);

    [Fact]
    public async Task A_missing_ffmpeg_is_told_with_the_package()
    {
        var options = new SourceOptions { Source = "test", Encode = Encoding.H264, Ffmpeg = "no-such-ffmpeg" };

        Assert.Equal("'no-such-ffmpeg' is not installed: run 'apt-get install ffmpeg'.", await MessageAsync(options));
    }

    [Fact]
    public async Task A_file_without_video_is_told()
    {
        using var folder = new Folder();
        await Tool.RunAsync("ffmpeg", ["-v", "error", "-f", "lavfi", "-i", "sine=d=0.2", folder["sound.wav"]]);

        Assert.Equal(
            $"'{folder["sound.wav"]}' has no video (ffmpeg: Stream map '0:V:0' matches no streams). Give a file with a video stream.",
            await MessageAsync(new SourceOptions { Source = folder["sound.wav"] }));
    }

    [Fact]
    public async Task Copying_what_no_viewer_plays_names_the_codec_and_the_way_out()
    {
        using var folder = new Folder();
        await Tool.RunAsync("ffmpeg", ["-v", "error", "-f", "lavfi", "-i", "testsrc2=d=0.2:s=64x48", "-c:v", "mpeg4", folder["old.avi"]]);

        Assert.Equal(
            $"'{folder["old.avi"]}' is mpeg4, and only H.264 and Motion JPEG can be copied: use --encode h264 or --encode jpeg.",
            await MessageAsync(new SourceOptions { Source = folder["old.avi"], Encode = Encoding.Copy }));
    }

    [Fact]
    public async Task Motion_jpeg_in_a_container_is_copied_from_a_file_but_not_from_a_pipe()
    {
        using var folder = new Folder();
        await Tool.RunAsync("ffmpeg", ["-v", "error", "-f", "lavfi", "-i", "testsrc2=d=0.2:s=64x48", "-c:v", "mjpeg", folder["pictures.avi"]]);

        var reading = await Reading.OfAsync(new SourceOptions { Source = folder["pictures.avi"], Encode = Encoding.Copy, Fast = true });

        Assert.Equal(5, reading.Frames.Count);
        Assert.EndsWith(
            "is Motion JPEG in a container, which cannot be copied from a pipe: use --encode jpeg.",
            await MessageAsync(new SourceOptions { Source = $"exec:cat {folder["pictures.avi"]}", Encode = Encoding.Copy }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_without_images_or_with_several_kinds_is_told()
    {
        using var folder = new Folder();
        Assert.Equal($"The folder '{folder.Path}' holds no images: put JPEG, PNG or BMP files in it.", await MessageAsync(new SourceOptions { Source = folder.Path }));

        await File.WriteAllBytesAsync(folder["a.png"], [1]);
        await File.WriteAllBytesAsync(folder["b.jpg"], [1]);
        Assert.Equal($"The folder '{folder.Path}' holds images of several kinds (jpeg, png): keep one kind.", await MessageAsync(new SourceOptions { Source = folder.Path }));
    }

    [Fact]
    public async Task Options_that_do_not_go_together_are_told_all_at_once()
    {
        var options = new SourceOptions { Source = "test", Encode = Encoding.Copy, Size = (0, 10), Quality = 101, FrameRate = -1, KeyframeInterval = TimeSpan.Zero, BitrateKbps = 1 };

        var message = await MessageAsync(options);

        foreach (var part in new[] { "0x10 is out of range", "quality 101", "frame rate -1", "keyframe interval", "bit rate 1 ", "no encoding to copy", "cannot change the size" })
            Assert.Contains(part, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mp4-hls-in-disguise.mp4")]
    [InlineData("mp4-hls-ssrf.mp4")]
    [InlineData("mp4-concat-script.mp4")]
    public async Task A_playlist_posing_as_a_video_opens_nothing_else(string name)
    {
        var path = Shared.Malformed("made/" + name);

        Assert.StartsWith($"'{path}' is a playlist or script, which is not followed (ffmpeg: Format not on whitelist ", await MessageAsync(new SourceOptions { Source = path }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_screen_without_display_is_told()
    {
        Assert.SkipUnless(string.IsNullOrEmpty(Environment.GetEnvironmentVariable("DISPLAY")), "This machine has a screen.");

        Assert.StartsWith("DISPLAY is not set", await MessageAsync(new SourceOptions { Source = "screen" }), StringComparison.Ordinal);
    }

    private static async Task<string> MessageAsync(SourceOptions options)
    {
        var failure = await Assert.ThrowsAsync<SourceException>(() => Reading.OfAsync(options, most: 1));
        Assert.DoesNotContain('\n', failure.Message);
        Assert.DoesNotContain("secret", failure.Message, StringComparison.Ordinal);
        Assert.InRange(failure.Message.Length, 20, 700);
        return failure.Message;
    }
}
