using Framewire.Edge.Sources;
using Framewire.Protocol.Video;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Edge.Sources;

/// <summary>A folder of images as a source.</summary>
public class FolderTests
{
    [Fact]
    public async Task Jpeg_files_are_copied_untouched_in_the_order_of_their_names()
    {
        using var folder = await ImagesAsync("jpg", 12);

        var reading = await Reading.OfAsync(new SourceOptions { Source = folder.Path, Encode = Encoding.Copy, Fast = true, FrameRate = 10 });

        Assert.Equal(new StreamFormat(Codec.Jpeg, 96, 64, 10), reading.Format);
        Assert.Equal(Directory.GetFiles(folder.Path).Order(StringComparer.Ordinal).Select(File.ReadAllBytes), reading.Frames.Select(frame => frame.Payload));
        Assert.Equal(Enumerable.Range(0, 12).Select(index => TimeSpan.FromSeconds(index / 10.0)), reading.Frames.Select(frame => frame.Pts));
    }

    [Theory]
    [InlineData("jpg", Encoding.Jpeg)]
    [InlineData("png", Encoding.Bgr)]
    [InlineData("bmp", Encoding.Gray)]
    [InlineData("png", Encoding.H264)]
    public async Task Images_of_each_kind_become_frames_one_for_one(string kind, Encoding encoding)
    {
        using var folder = await ImagesAsync(kind, 12);

        var reading = await Reading.OfAsync(new SourceOptions { Source = folder.Path, Encode = encoding, Fast = true });

        Assert.Equal((96, 64, 30), (reading.Format.Width, reading.Format.Height, reading.Format.FrameRate));
        Assert.Equal(Enumerable.Range(0, 12).Select(index => Math.Round(index / 30.0, 3)), reading.Frames.Select(frame => Math.Round(frame.Pts.TotalSeconds, 3)));
    }

    [Fact]
    public async Task A_looped_folder_begins_again_and_its_time_goes_on()
    {
        using var folder = await ImagesAsync("jpg", 3);

        var reading = await Reading.OfAsync(new SourceOptions { Source = folder.Path, Encode = Encoding.Copy, Fast = true, Loop = true, FrameRate = 10 }, most: 8);

        Assert.Equal(reading.Frames[1].Payload, reading.Frames[7].Payload);
        Assert.Equal(TimeSpan.FromSeconds(0.7), reading.Frames[7].Pts);
    }

    [Fact]
    public async Task A_broken_image_and_one_of_another_size_are_named()
    {
        using var folder = await ImagesAsync("jpg", 2);
        await Tool.RunAsync("ffmpeg", ["-v", "error", "-f", "lavfi", "-i", "testsrc2=s=32x32", "-frames:v", "1", folder["z.jpg"]]);
        var options = new SourceOptions { Source = folder.Path, Encode = Encoding.Copy, Fast = true };

        var larger = await Assert.ThrowsAsync<SourceException>(() => Reading.OfAsync(options));
        await File.WriteAllTextAsync(folder["a.jpg"], "<html>");
        var broken = await Assert.ThrowsAsync<SourceException>(() => Reading.OfAsync(options));

        Assert.Equal($"The image '{folder["z.jpg"]}' is 32x32, but the first is 96x64: use --encode jpeg with a --size.", larger.Message);
        Assert.Equal($"The image '{folder["a.jpg"]}' is not a whole JPEG: take it out of the folder.", broken.Message);
    }

    private static async Task<Folder> ImagesAsync(string kind, int count)
    {
        var folder = new Folder();
        await Tool.RunAsync("ffmpeg", ["-v", "error", "-f", "lavfi", "-i", "testsrc2=s=96x64", "-frames:v", $"{count}", folder[$"image%03d.{kind}"]]);
        return folder;
    }
}
