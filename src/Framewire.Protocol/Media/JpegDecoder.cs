using Framewire.Protocol.Video;

namespace Framewire.Protocol.Media;

/// <summary>
/// Decompresses JPEG of one size to grey or BGR images with libturbojpeg, bit by bit as libjpeg does. Owned by one loop. Dispose frees the
/// library's handle. Files are untrusted: one of another size, or that cannot be decoded, gives no image.
/// </summary>
public sealed unsafe class JpegDecoder : IDisposable
{
    private readonly int _width;
    private readonly int _height;
    private readonly PixelLayout _layout;
    private nint _handle;

    /// <param name="width">Width in pixels.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="layout">Grey or BGR.</param>
    /// <exception cref="MediaException">libturbojpeg is not installed.</exception>
    public JpegDecoder(int width, int height, PixelLayout layout)
    {
        (_width, _height, _layout) = (width, height, layout);
        try
        {
            _handle = TurboJpeg.InitDecompress();
        }
        catch (DllNotFoundException missing)
        {
            throw new MediaException("Decoding JPEG needs libturbojpeg, which is not installed here: run 'apt-get install libturbojpeg0'.", missing);
        }
    }

    private int Depth => _layout is PixelLayout.Bgr ? 3 : 1;

    /// <summary>Decompresses one file.</summary>
    /// <returns>The image, rows top to bottom without padding, with one holder; null if the file is of another size or cannot be decoded.</returns>
    public FrameBuffer? TryDecode(ReadOnlySpan<byte> jpeg)
    {
        ObjectDisposedException.ThrowIf(_handle == 0, this);
        fixed (byte* file = jpeg)
        {
            if (TurboJpeg.DecompressHeader(_handle, file, (nuint)jpeg.Length, out var width, out var height, out _, out _) != 0 || (width, height) != (_width, _height))
                return null;
            var image = FrameBuffer.Rent(_width * _height * Depth);
            fixed (byte* pixels = image.Memory.Span)
            {
                var format = _layout is PixelLayout.Bgr ? TurboJpeg.PixelsBgr : TurboJpeg.PixelsGray;
                var result = TurboJpeg.Decompress(_handle, file, (nuint)jpeg.Length, pixels, _width, _width * Depth, _height, format, TurboJpeg.LimitScans);
                if (result == 0 || TurboJpeg.ErrorCode(_handle) == TurboJpeg.Warning)
                    return image;
            }

            image.Release();
            return null;
        }
    }

    /// <summary>Frees the library's handle.</summary>
    public void Dispose()
    {
        if (_handle != 0)
            _ = TurboJpeg.Destroy(_handle);
        _handle = 0;
    }
}
