namespace Framewire.Edge.Sources.Pattern;

/// <summary>
/// Draws filled rectangles into an image of a fixed size and pixel layout. Holds no pixels: the caller passes them. Not
/// thread-safe by intent, though it has no state to harm. Owned by one <see cref="TestPattern"/>.
/// </summary>
internal abstract class Canvas(int width, int height)
{
    public int Width => width;

    public int Height => height;

    /// <summary>Bytes of one image.</summary>
    public abstract int ImageBytes { get; }

    /// <summary>Fills a rectangle; what lies outside the image is cut off.</summary>
    public void Fill(Span<byte> image, int x, int y, int wide, int high, PatternColor color)
    {
        var left = Math.Clamp(x, 0, width);
        var top = Math.Clamp(y, 0, height);
        var right = Math.Clamp(x + wide, left, width);
        var bottom = Math.Clamp(y + high, top, height);
        if (right > left && bottom > top)
            Paint(image, left, top, right, bottom, color);
    }

    protected abstract void Paint(Span<byte> image, int left, int top, int right, int bottom, PatternColor color);
}

/// <summary>
/// A canvas of 8-bit planes without padding: luma, and with <c>chroma</c> also Cb and Cr at half the width and height, rounded
/// up (4:2:0, full range). Owned by one <see cref="TestPattern"/>.
/// </summary>
internal sealed class PlanarCanvas(int width, int height, bool chroma) : Canvas(width, height)
{
    private int ChromaWidth => (Width + 1) / 2;

    private int ChromaBytes => ChromaWidth * ((Height + 1) / 2);

    public override int ImageBytes => Width * Height + (chroma ? 2 * ChromaBytes : 0);

    protected override void Paint(Span<byte> image, int left, int top, int right, int bottom, PatternColor color)
    {
        for (var y = top; y < bottom; y++)
            image.Slice(y * Width + left, right - left).Fill(color.Luma);
        if (!chroma)
            return;
        var cb = image.Slice(Width * Height, ChromaBytes);
        var cr = image.Slice(Width * Height + ChromaBytes, ChromaBytes);
        int start = left / 2, count = (right + 1) / 2 - start;
        for (var y = top / 2; y < (bottom + 1) / 2; y++)
        {
            cb.Slice(y * ChromaWidth + start, count).Fill(color.ChromaBlue);
            cr.Slice(y * ChromaWidth + start, count).Fill(color.ChromaRed);
        }
    }
}

/// <summary>A canvas of packed 8-bit blue, green, red without padding. Owned by one <see cref="TestPattern"/>.</summary>
internal sealed class BgrCanvas(int width, int height) : Canvas(width, height)
{
    public override int ImageBytes => Width * Height * 3;

    protected override void Paint(Span<byte> image, int left, int top, int right, int bottom, PatternColor color)
    {
        var first = image.Slice((top * Width + left) * 3, (right - left) * 3);
        for (var i = 0; i < first.Length; i += 3)
            (first[i], first[i + 1], first[i + 2]) = (color.Blue, color.Green, color.Red);
        for (var y = top + 1; y < bottom; y++)
            first.CopyTo(image[((y * Width + left) * 3)..]);
    }
}
