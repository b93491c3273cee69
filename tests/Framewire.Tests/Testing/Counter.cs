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

    /// <summary>Of pixels as processors get them: rows without padding, one or three bytes a pixel; black and white are so in each.</summary>
    public static uint OfPixels(ReadOnlySpan<byte> pixels, int width, int height, int depth)
    {
        var luma = new byte[width * height];
        for (var i = 0; i < luma.Length; i++)
            luma[i] = pixels[i * depth];
        Assert.True(CounterBlocks.TryRead(luma, width, height, width, out var counter), "The picture has no counter.");
        return counter;
    }
}
