using System.Numerics;
using System.Runtime.InteropServices;

namespace Framewire.Server.Processing.Pictures;

/// <summary>What can be said of a grey picture without knowing what it is of. A value.</summary>
/// <param name="Brightness">Mean, 0 to 1.</param>
/// <param name="Contrast">Standard deviation, in grey levels.</param>
/// <param name="Sharpness">Standard deviation of the Laplacian, in grey levels: what edges there are.</param>
internal readonly record struct PictureStatistics(double Brightness, double Contrast, double Sharpness)
{
    /// <summary>Measures a picture.</summary>
    /// <param name="picture">Grey, rows without padding.</param>
    /// <param name="width">Pixels of a row.</param>
    public static PictureStatistics Of(ReadOnlySpan<byte> picture, int width)
    {
        var (sum, squares) = (0L, 0L);
        foreach (var pixel in picture)
        {
            sum += pixel;
            squares += pixel * pixel;
        }

        var mean = (double)sum / picture.Length;
        var contrast = Math.Sqrt(Math.Max(0, ((double)squares / picture.Length) - (mean * mean)));
        return new(mean / byte.MaxValue, contrast, SharpnessOf(picture, width));
    }

    /// <summary>Whether no pixel differs by more than so many grey levels.</summary>
    public static bool AreAlike(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other, byte levels)
    {
        var left = MemoryMarshal.Cast<byte, Vector<byte>>(one);
        var right = MemoryMarshal.Cast<byte, Vector<byte>>(other);
        var limit = new Vector<byte>(levels);
        for (var i = 0; i < left.Length; i++)
        {
            if (Vector.GreaterThanAny(Vector.Max(left[i], right[i]) - Vector.Min(left[i], right[i]), limit))
                return false;
        }

        for (var i = left.Length * Vector<byte>.Count; i < one.Length; i++)
        {
            if (Math.Abs(one[i] - other[i]) > levels)
                return false;
        }

        return true;
    }

    /// <summary>The Laplacian of a pixel is four times itself less its four neighbours.</summary>
    private static double SharpnessOf(ReadOnlySpan<byte> picture, int width)
    {
        var (sum, squares, count) = (0L, 0L, 0L);
        for (var row = width; row + width < picture.Length; row += width)
        {
            var above = picture.Slice(row - width, width);
            var here = picture.Slice(row, width);
            var below = picture.Slice(row + width, width);
            for (var x = 1; x < width - 1; x++)
            {
                var laplacian = (4 * here[x]) - here[x - 1] - here[x + 1] - above[x] - below[x];
                sum += laplacian;
                squares += laplacian * laplacian;
            }

            count += width - 2;
        }

        if (count <= 0)
            return 0;
        var mean = (double)sum / count;
        return Math.Sqrt(Math.Max(0, ((double)squares / count) - (mean * mean)));
    }
}
