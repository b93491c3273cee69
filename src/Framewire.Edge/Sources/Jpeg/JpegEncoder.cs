using System.Runtime.InteropServices;
using Framewire.Protocol.Video;

namespace Framewire.Edge.Sources.Jpeg;

/// <summary>
/// Compresses full-range 4:2:0 images of one size to JPEG with libturbojpeg. Owned by one source's loop; only
/// <see cref="Quality"/> may be set from elsewhere. Dispose frees the library's handle.
/// </summary>
internal sealed unsafe class JpegEncoder : IDisposable
{
    private readonly int _width;
    private readonly int _height;
    private readonly byte[] _jpeg;
    private nint _handle;

    /// <exception cref="SourceException">libturbojpeg is not installed, or the size is beyond it.</exception>
    public JpegEncoder(int width, int height, int quality)
    {
        (_width, _height, Quality) = (width, height, quality);
        try
        {
            _handle = TurboJpeg.InitCompress();
            _jpeg = GC.AllocateUninitializedArray<byte>(checked((int)TurboJpeg.BufferSize(width, height, TurboJpeg.Subsampling420)), pinned: true);
        }
        catch (DllNotFoundException missing)
        {
            throw new SourceException("JPEG needs libturbojpeg, which is not installed here: run 'apt-get install libturbojpeg0', or use --encode h264.", missing);
        }
        catch (OverflowException tooLarge)
        {
            throw new SourceException($"An image of {width}x{height} is too large for JPEG: give a smaller --size.", tooLarge);
        }
    }

    /// <summary>1 to 100, from the next image on.</summary>
    public int Quality { get; set; }

    /// <summary>Bytes of one image: luma, Cb, Cr without padding.</summary>
    public int ImageBytes => _width * _height + 2 * ChromaBytes;

    private int ChromaWidth => (_width + 1) / 2;

    private int ChromaBytes => ChromaWidth * ((_height + 1) / 2);

    /// <summary>Compresses one image.</summary>
    /// <returns>A whole JPEG file, with one holder.</returns>
    public FrameBuffer Encode(ReadOnlySpan<byte> image)
    {
        ObjectDisposedException.ThrowIf(_handle == 0, this);
        ArgumentOutOfRangeException.ThrowIfNotEqual(image.Length, ImageBytes);
        var size = (nuint)_jpeg.Length;
        int result;
        fixed (byte* luma = image)
        fixed (byte* jpeg = _jpeg)
        {
            var planes = stackalloc byte*[3] { luma, luma + _width * _height, luma + _width * _height + ChromaBytes };
            var strides = stackalloc int[3] { _width, ChromaWidth, ChromaWidth };
            var target = jpeg;
            result = TurboJpeg.CompressFromPlanes(
                _handle, planes, _width, strides, _height, TurboJpeg.Subsampling420, &target, &size, Quality, TurboJpeg.DoNotReallocate);
        }
        return result == 0
            ? FrameBuffer.CopyOf(_jpeg.AsSpan(0, (int)size))
            : throw new SourceException($"libturbojpeg refused a {_width}x{_height} image: {Marshal.PtrToStringUTF8((nint)TurboJpeg.ErrorText(_handle))}. Try another --size.");
    }

    public void Dispose()
    {
        if (_handle != 0)
            _ = TurboJpeg.Destroy(_handle);
        _handle = 0;
    }
}
