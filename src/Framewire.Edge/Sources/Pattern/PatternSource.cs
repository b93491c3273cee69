using System.Runtime.CompilerServices;
using Framewire.Protocol.Media;
using Framewire.Protocol.Video;

namespace Framewire.Edge.Sources.Pattern;

/// <summary>
/// The built-in source <c>test</c> as raw images or JPEG, without ffmpeg. Endless. Owned by one publisher; one loop reads it.
/// </summary>
internal sealed class PatternSource(SourceOptions options, TimeProvider time) : FrameSource
{
    private PatternImages? _images;
    private JpegEncoder? _jpeg;

    public override bool IsLive => !options.Fast;

    public override Task<StreamFormat> OpenAsync(CancellationToken cancellation)
    {
        var (width, height) = PatternImages.SizeOf(options);
        Canvas canvas = options.Encode is Encoding.Bgr ? new BgrCanvas(width, height) : new PlanarCanvas(width, height, options.Encode is Encoding.Jpeg);
        _images = new PatternImages(options, canvas, time);
        if (options.Encode is Encoding.Jpeg)
            _jpeg = new JpegEncoder(width, height, options.Quality);
        var codec = options.Encode switch { Encoding.Gray => Codec.Gray, Encoding.Bgr => Codec.Bgr, _ => Codec.Jpeg };
        return Task.FromResult(new StreamFormat(codec, width, height, PatternImages.RateOf(options)));
    }

    public override async IAsyncEnumerable<Frame> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var images = _images ?? throw new InvalidOperationException("The source is not open.");
        while (true)
        {
            var (image, pts, capturedAt) = await images.NextAsync(cancellation).ConfigureAwait(false);
            yield return new Frame { Pts = pts, CapturedAt = capturedAt, IsKeyframe = true, Buffer = Encode(image) };
        }
    }

    public override bool TrySetQuality(int quality)
    {
        if (_jpeg is not { } jpeg)
            return false;
        jpeg.Quality = Math.Clamp(quality, 1, 100);
        return true;
    }

    public override ValueTask DisposeAsync()
    {
        _jpeg?.Dispose();
        return ValueTask.CompletedTask;
    }

    private FrameBuffer Encode(FrameBuffer image)
    {
        if (_jpeg is null)
            return image;
        try
        {
            return _jpeg.Encode(image.Memory.Span);
        }
        finally
        {
            image.Release();
        }
    }
}
