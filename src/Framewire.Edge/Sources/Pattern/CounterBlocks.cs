namespace Framewire.Edge.Sources.Pattern;

/// <summary>
/// The frame counter as big black and white blocks, which a machine reads back from a picture that went through JPEG or H.264
/// and was scaled. Stateless.
/// </summary>
/// <remarks>
/// In the lowest sixth of an image of W x H pixels; cell c of 34 spans x from (c+1)*W/36 to (c+2)*W/36:
/// <code>
///        margin   c=0    c=1    c=2 ... c=33   margin
///               +------+------+------------+            y = 20H/24
///               | white| black| 32 bits,   |
///               |      |      | high first | 1 = white
///               +------+------+------------+            y = 22H/24
///               | black| white| the same   |
///               |      |      | inverted   |
///               +------+------+------------+            y = 24H/24
/// </code>
/// A reader compares the centre of each upper block with the one below it: x = (2c+3)*W/72, y = 21H/24 and 23H/24. Since
/// each bit stands beside its inverse, neither brightness nor contrast matters, and an image without blocks is refused.
/// </remarks>
internal static class CounterBlocks
{
    private const int Bits = 32;
    private const int Cells = Bits + 2;
    private const int MinimumContrast = 64;

    public static void Draw(Canvas canvas, Span<byte> image, uint counter)
    {
        for (var cell = 0; cell < Cells; cell++)
        {
            int left = (cell + 1) * canvas.Width / 36, right = (cell + 2) * canvas.Width / 36;
            int top = 20 * canvas.Height / 24, middle = 22 * canvas.Height / 24;
            var isWhite = IsWhite(cell, counter);
            canvas.Fill(image, left, top, right - left, middle - top, isWhite ? PatternColor.White : PatternColor.Black);
            canvas.Fill(image, left, middle, right - left, canvas.Height - middle, isWhite ? PatternColor.Black : PatternColor.White);
        }
    }

    /// <summary>Reads the counter off a luma plane.</summary>
    /// <param name="luma">Rows of <paramref name="stride"/> bytes, one byte a pixel.</param>
    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="stride">Bytes from one row to the next.</param>
    /// <param name="counter">The counter.</param>
    /// <returns>False if the blocks are not there or too damaged to trust.</returns>
    public static bool TryRead(ReadOnlySpan<byte> luma, int width, int height, int stride, out uint counter)
    {
        counter = 0;
        if (width < 2 * (Cells + 2) || height < 24 || stride < width || luma.Length < (long)stride * (height - 1) + width)
            return false;
        for (var cell = 0; cell < Cells; cell++)
        {
            var x = (2 * cell + 3) * width / 72;
            var difference = luma[21 * height / 24 * stride + x] - luma[23 * height / 24 * stride + x];
            if (Math.Abs(difference) < MinimumContrast)
                return false;
            if (cell < 2 && difference > 0 != IsWhite(cell, 0))
                return false;
            counter = cell < 2 ? 0 : counter << 1 | (difference > 0 ? 1u : 0u);
        }
        return true;
    }

    private static bool IsWhite(int cell, uint counter) => cell switch
    {
        0 => true,
        1 => false,
        _ => (counter >> (Cells - 1 - cell) & 1) != 0,
    };
}
