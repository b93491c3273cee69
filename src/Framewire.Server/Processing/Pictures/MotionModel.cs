using System.Numerics;
using System.Runtime.InteropServices;

namespace Framewire.Server.Processing.Pictures;

/// <summary>
/// What a still scene looks like, learnt as a running average, and which pixels of a picture differ from it. Owned by one
/// <see cref="MotionProcessor"/>; not thread-safe.
/// </summary>
/// <param name="pixels">Pixels of a picture.</param>
internal sealed class MotionModel(int pixels)
{
    /// <summary>Grey levels by which a pixel must differ: above the noise of cameras and codecs.</summary>
    private const int Threshold = 24;

    /// <summary>The average is kept in 64ths of a grey level.</summary>
    private const int FractionBits = 6;

    /// <summary>A new picture counts for a 32nd: what stands still for a second or two belongs to the scene.</summary>
    private const int LearningShift = 5;

    private readonly short[] _scene = new short[pixels];
    private readonly byte[] _moved = new byte[pixels];
    private bool _hasScene;

    /// <summary>For each pixel 255 if it moved, else 0.</summary>
    public ReadOnlySpan<byte> Moved => _moved;

    /// <summary>Compares a picture with the scene and learns from it.</summary>
    /// <param name="picture">Grey, rows without padding.</param>
    /// <returns>How many pixels moved; none in the first picture.</returns>
    public int Look(ReadOnlySpan<byte> picture)
    {
        if (!_hasScene)
            Forget(picture);
        _hasScene = true;
        var vectors = MemoryMarshal.Cast<byte, Vector<byte>>(picture);
        var scene = MemoryMarshal.Cast<short, Vector<short>>(_scene.AsSpan());
        var moved = MemoryMarshal.Cast<byte, Vector<byte>>(_moved.AsSpan());
        for (var i = 0; i < vectors.Length; i++)
        {
            Vector.Widen(vectors[i], out var low, out var high);
            var lowMoved = Learn(ref scene[2 * i], Vector.AsVectorInt16(low));
            var highMoved = Learn(ref scene[(2 * i) + 1], Vector.AsVectorInt16(high));
            moved[i] = Vector.AsVectorByte(Vector.Narrow(lowMoved, highMoved));
        }

        for (var i = vectors.Length * Vector<byte>.Count; i < picture.Length; i++)
        {
            var difference = (picture[i] << FractionBits) - _scene[i];
            _scene[i] += (short)(difference >> LearningShift);
            _moved[i] = Math.Abs(difference) > Threshold << FractionBits ? byte.MaxValue : (byte)0;
        }

        return picture.Length - _moved.AsSpan().Count((byte)0);
    }

    /// <summary>The picture is another scene: what was learnt is worth nothing.</summary>
    public void Forget(ReadOnlySpan<byte> picture)
    {
        for (var i = 0; i < picture.Length; i++)
            _scene[i] = (short)(picture[i] << FractionBits);
    }

    private static Vector<short> Learn(ref Vector<short> scene, Vector<short> picture)
    {
        var difference = Vector.ShiftLeft(picture, FractionBits) - scene;
        scene += Vector.ShiftRightArithmetic(difference, LearningShift);
        return Vector.GreaterThan(Vector.Abs(difference), new Vector<short>(Threshold << FractionBits));
    }
}
