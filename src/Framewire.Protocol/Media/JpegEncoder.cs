using System.Runtime.InteropServices;
using Framewire.Protocol.Video;

namespace Framewire.Protocol.Media;

/// <summary>How the pixels of an image lie in memory.</summary>
public enum PixelLayout
{
    /// <summary>Full-range luma, Cb, Cr, each plane whole, chroma at half the width and height, without padding.</summary>
    Planar420,

    /// <summary>8-bit luma, without padding.</summary>
    Gray,

    /// <summary>8-bit blue, green, red, without padding.</summary>
    Bgr,
}

/// <summary>
/// Compresses images of one size and layout to JPEG with libturbojpeg. Owned by one loop; only <see cref="Quality"/> may be set from
/// elsewhere. Dispose frees the library's handle.
/// </summary>
public sealed unsafe class JpegEncoder : IDisposable
{
    private readonly int _width;
    private readonly int _height;
    private readonly PixelLayout _layout;
    private readonly byte[] _jpeg;
    private nint _handle;

    /// <exception cref="MediaException">libturbojpeg is not installed, or the size is beyond it.</exception>
    public JpegEncoder(int width, int height, int quality, PixelLayout layout = PixelLayout.Planar420)
    {
        (_width, _height, Quality, _layout) = (width, height, quality, layout);
        try
        {
            _handle = TurboJpeg.InitCompress();
            _jpeg = GC.AllocateUninitializedArray<byte>(checked((int)TurboJpeg.BufferSize(width, height, Subsampling)), pinned: true);
        }
        catch (DllNotFoundException missing)
        {
            throw new MediaException("JPEG needs libturbojpeg, which is not installed here: run 'apt-get install libturbojpeg0', or use --encode h264.", missing);
        }
        catch (OverflowException tooLarge)
        {
            throw new MediaException($"An image of {width}x{height} is too large for JPEG: give a smaller --size.", tooLarge);
        }
    }

    /// <summary>1 to 100, from the next image on.</summary>
    public int Quality { get; set; }

    /// <summary>Bytes of one image.</summary>
    public int ImageBytes => _width * _height * (_layout is PixelLayout.Bgr ? 3 : 1) + (_layout is PixelLayout.Planar420 ? 2 * ChromaBytes : 0);

    private int ChromaWidth => (_width + 1) / 2;

    private int ChromaBytes => ChromaWidth * ((_height + 1) / 2);

    private int Subsampling => _layout is PixelLayout.Gray ? TurboJpeg.SubsamplingGray : TurboJpeg.Subsampling420;

    /// <summary>Compresses one image.</summary>
    /// <returns>A whole JPEG file, with one holder.</returns>
    /// <exception cref="MediaException">The library refused.</exception>
    public FrameBuffer Encode(ReadOnlySpan<byte> image)
    {
        ObjectDisposedException.ThrowIf(_handle == 0, this);
        ArgumentOutOfRangeException.ThrowIfNotEqual(image.Length, ImageBytes);
        var size = (nuint)_jpeg.Length;
        int result;
        fixed (byte* pixels = image)
        fixed (byte* jpeg = _jpeg)
        {
            var target = jpeg;
            result = _layout is PixelLayout.Planar420 ? CompressPlanes(pixels, &target, &size) : CompressPixels(pixels, &target, &size);
        }
        return result == 0
            ? FrameBuffer.CopyOf(_jpeg.AsSpan(0, (int)size))
            : throw new MediaException($"libturbojpeg refused a {_width}x{_height} image: {Marshal.PtrToStringUTF8((nint)TurboJpeg.ErrorText(_handle))}. Try another --size.");
    }

    /// <summary>Frees the library's handle.</summary>
    public void Dispose()
    {
        if (_handle != 0)
            _ = TurboJpeg.Destroy(_handle);
        _handle = 0;
    }

    private int CompressPlanes(byte* luma, byte** jpeg, nuint* size)
    {
        var planes = stackalloc byte*[3] { luma, luma + _width * _height, luma + _width * _height + ChromaBytes };
        var strides = stackalloc int[3] { _width, ChromaWidth, ChromaWidth };
        return TurboJpeg.CompressFromPlanes(
            _handle, planes, _width, strides, _height, TurboJpeg.Subsampling420, jpeg, size, Quality, TurboJpeg.DoNotReallocate);
    }

    private int CompressPixels(byte* pixels, byte** jpeg, nuint* size)
    {
        var (format, depth) = _layout is PixelLayout.Bgr ? (TurboJpeg.PixelsBgr, 3) : (TurboJpeg.PixelsGray, 1);
        return TurboJpeg.CompressPixels(
            _handle, pixels, _width, _width * depth, _height, format, jpeg, size, Subsampling, Quality, TurboJpeg.DoNotReallocate);
    }
}
