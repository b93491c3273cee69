using Framewire.Edge.Sources.Pattern;

namespace Framewire.Tests.Testing;

/// <summary>Reads the test pattern's counter off pictures that ffmpeg has decoded. Stateless.</summary>
internal static class Counter
{
    public static async Task<uint> OfJpegAsync(ReadOnlyMemory<byte> jpeg, int width, int height)
    {
        var luma = await Tool.RunAsync("ffmpeg", ["-v", "error", "-f", "mjpeg", "-i", "pipe:0", "-f", "rawvideo", "-pix_fmt", "gray", "-"], jpeg);
        Assert.Equal(width * height, luma.Length);
        Assert.True(CounterBlocks.TryRead(luma, width, height, width, out var counter), "The picture has no counter.");
        return counter;
    }
}
