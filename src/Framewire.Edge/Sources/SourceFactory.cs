using Framewire.Edge.Sources.Ffmpeg;
using Framewire.Edge.Sources.Pattern;

namespace Framewire.Edge.Sources;

/// <summary>Makes the source that the options name. Stateless.</summary>
internal static class SourceFactory
{
    /// <exception cref="SourceException">The options are wrong or do not go together.</exception>
    public static FrameSource Create(SourceOptions options, TimeProvider time)
    {
        var name = SourceName.Parse(options.Source);
        if (string.Join(' ', [.. options.Validate(), .. Conflicts(options, name.Kind)]) is { Length: > 0 } mistakes)
            throw new SourceException(mistakes);
        FfmpegSource Ffmpeg(Func<FfmpegInput> find, bool isLive) => new(options, isLive, find, time);
        FfmpegSource Fed(Feed feed) => new(options, !options.Fast, feed, time);
        return name.Kind switch
        {
            SourceKind.Test when options.Encode is Encoding.H264 => Fed(new PatternFeed(options, time)),
            SourceKind.Test => new PatternSource(options, time),
            SourceKind.StandardInput => Fed(new StandardInputFeed(options)),
            SourceKind.Command => Fed(new CommandFeed(options, name.Value)),
            SourceKind.Screen => Ffmpeg(() => FfmpegInputs.Screen(SourceChecks.Display(), options), isLive: true),
            SourceKind.Camera => Ffmpeg(() => FfmpegInputs.Camera(SourceChecks.Camera(name.Value), options), isLive: true),
            SourceKind.Url => Ffmpeg(() => FfmpegInputs.Url(new Uri(name.Value), options), name.Value.StartsWith("rtsp", StringComparison.OrdinalIgnoreCase) || !options.Fast),
            _ when !Directory.Exists(name.Value) => Ffmpeg(() => FfmpegInputs.File(SourceChecks.File(name.Value), options), !options.Fast),
            _ when options.Encode is Encoding.Copy => new JpegFolderSource(options, time),
            _ => Fed(new ImageFeed(options)),
        };
    }

    private static IEnumerable<string> Conflicts(SourceOptions options, SourceKind kind)
    {
        if (options.Encode is not Encoding.Copy)
            yield break;
        if (kind is SourceKind.Test)
            yield return "The test pattern has no encoding to copy: use --encode jpeg, h264, gray or bgr.";
        if (kind is SourceKind.Screen)
            yield return "The screen has no encoding to copy: use --encode h264 or jpeg.";
        if (kind is not SourceKind.Camera && options.Size is not null)
            yield return "--encode copy cannot change the size: leave --size out, or use --encode h264 or jpeg.";
        if (kind is SourceKind.Path or SourceKind.Url && options.FrameRate is not null && !Directory.Exists(options.Source))
            yield return "--encode copy cannot change the frame rate: leave --fps out, or use --encode h264 or jpeg.";
    }
}
