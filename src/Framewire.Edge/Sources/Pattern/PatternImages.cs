using Framewire.Protocol.Video;

namespace Framewire.Edge.Sources.Pattern;

/// <summary>
/// The test pattern's images, each drawn when it is due. Owned by one source's loop; not thread-safe.
/// </summary>
internal sealed class PatternImages(SourceOptions options, Canvas canvas, TimeProvider time)
{
    public const int DefaultWidth = 1280;
    public const int DefaultHeight = 720;
    public const double DefaultRate = 30;

    private readonly FramePacer _pacer = new(time);
    private readonly TestPattern _pattern = new(canvas);
    private uint _counter;

    public int ImageBytes => _pattern.ImageBytes;

    public static ImageSize SizeOf(SourceOptions options) => options.Size ?? new ImageSize(DefaultWidth, DefaultHeight);

    public static double RateOf(SourceOptions options) => options.FrameRate ?? DefaultRate;

    /// <summary>Waits for the next image's time, then draws it.</summary>
    /// <returns>The image, to be released by the caller; its presentation time; and the clock drawn in it.</returns>
    public async ValueTask<(FrameBuffer Image, TimeSpan Pts, DateTimeOffset CapturedAt)> NextAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var pts = TimeSpan.FromTicks((long)(_counter * (double)TimeSpan.TicksPerSecond / RateOf(options)));
        if (!options.Fast)
            await _pacer.WaitAsync(pts, cancellation).ConfigureAwait(false);
        var clock = time.GetUtcNow();
        var image = FrameBuffer.Rent(ImageBytes);
        _pattern.Draw(image.Memory.Span, _counter++, clock);
        return (image, pts, clock);
    }
}
