using System.Collections.Concurrent;
using Framewire.Edge.Sources.Ffmpeg;

namespace Framewire.Edge.Sources.Pattern;

/// <summary>
/// Feeds the test pattern to ffmpeg, for H.264. Owned by one <see cref="FfmpegSource"/>: its pump draws, its reading loop takes the
/// capture times, one for each picture, since an encoder without B-frames keeps their order.
/// </summary>
internal sealed class PatternFeed(SourceOptions options, TimeProvider time) : Feed
{
    private readonly ConcurrentQueue<DateTimeOffset> _capturedAt = new();

    public override Task<FfmpegInput> OpenAsync(CancellationToken cancellation)
    {
        var (width, height) = PatternImages.SizeOf(options);
        string[] format =
        [
            "-f", "rawvideo", "-pix_fmt", "yuvj420p", "-video_size", $"{width}x{height}",
            "-framerate", FfmpegOutput.Number(PatternImages.RateOf(options)),
        ];
        var input = FfmpegInputs.Piped("The test pattern", format, !options.Fast, isPaced: false, "Give an even --size of at least 16x16.");
        return Task.FromResult(input with { FrameRate = PatternImages.RateOf(options) });
    }

    public override async Task PumpAsync(Stream input, CancellationToken cancellation)
    {
        var (width, height) = PatternImages.SizeOf(options);
        var images = new PatternImages(options, new PlanarCanvas(width, height, chroma: true), time);
        while (true)
        {
            var (image, _, capturedAt) = await images.NextAsync(cancellation).ConfigureAwait(false);
            try
            {
                _capturedAt.Enqueue(capturedAt);
                await input.WriteAsync(image.Memory, cancellation).ConfigureAwait(false);
            }
            finally
            {
                image.Release();
            }
        }
    }

    public override DateTimeOffset? TakeCapturedAt() => _capturedAt.TryDequeue(out var capturedAt) ? capturedAt : null;
}
