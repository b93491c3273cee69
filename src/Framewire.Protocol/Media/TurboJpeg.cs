using System.Runtime.InteropServices;

namespace Framewire.Protocol.Media;

/// <summary>The few functions of libturbojpeg 2.x (TurboJPEG C API) that are called. Stateless; a handle is for one thread at a time.</summary>
internal static unsafe partial class TurboJpeg
{
    public const int Subsampling420 = 2;
    public const int SubsamplingGray = 3;
    public const int PixelsBgr = 1;
    public const int PixelsGray = 6;
    public const int DoNotReallocate = 1024;

    /// <summary>A file with over 500 scans is refused.</summary>
    public const int LimitScans = 32768;

    /// <summary>The error code of a picture that was decoded for all that.</summary>
    public const int Warning = 0;

    private const string Library = "libturbojpeg.so.0";

    [LibraryImport(Library, EntryPoint = "tjInitCompress")]
    public static partial nint InitCompress();

    [LibraryImport(Library, EntryPoint = "tjDestroy")]
    public static partial int Destroy(nint handle);

    /// <summary>The most bytes that a JPEG of this size can take; an upper bound whatever the quality.</summary>
    [LibraryImport(Library, EntryPoint = "tjBufSize")]
    public static partial nuint BufferSize(int width, int height, int subsampling);

    [LibraryImport(Library, EntryPoint = "tjCompressFromYUVPlanes")]
    public static partial int CompressFromPlanes(
        nint handle, byte** planes, int width, int* strides, int height, int subsampling, byte** jpeg, nuint* jpegBytes, int quality, int flags);

    [LibraryImport(Library, EntryPoint = "tjCompress2")]
    public static partial int CompressPixels(
        nint handle, byte* pixels, int width, int pitch, int height, int pixelFormat, byte** jpeg, nuint* jpegBytes, int subsampling, int quality, int flags);

    [LibraryImport(Library, EntryPoint = "tjInitDecompress")]
    public static partial nint InitDecompress();

    [LibraryImport(Library, EntryPoint = "tjDecompressHeader3")]
    public static partial int DecompressHeader(nint handle, byte* jpeg, nuint jpegBytes, out int width, out int height, out int subsampling, out int colorspace);

    [LibraryImport(Library, EntryPoint = "tjDecompress2")]
    public static partial int Decompress(nint handle, byte* jpeg, nuint jpegBytes, byte* pixels, int width, int pitch, int height, int pixelFormat, int flags);

    [LibraryImport(Library, EntryPoint = "tjGetErrorCode")]
    public static partial int ErrorCode(nint handle);

    [LibraryImport(Library, EntryPoint = "tjGetErrorStr2")]
    public static partial byte* ErrorText(nint handle);
}
