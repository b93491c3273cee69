namespace Framewire.Edge.Sources.Ffmpeg;

/// <summary>Feeds the images of a folder to ffmpeg, one after the other. Owned by one <see cref="FfmpegSource"/>.</summary>
internal sealed class ImageFeed(SourceOptions options) : Feed
{
    private IReadOnlyList<string> _files = [];

    public override Task<FfmpegInput> OpenAsync(CancellationToken cancellation)
    {
        var folder = ImageFolder.List(options.Source);
        _files = folder.Files;
        var rate = options.FrameRate ?? 30;
        string[] format = ["-f", folder.Format, "-framerate", FfmpegOutput.Number(rate)];
        var input = FfmpegInputs.Piped($"The folder '{options.Source}'", format, !options.Fast, !options.Fast, "Check that its files are whole images.");
        return Task.FromResult(input with { FrameRate = rate });
    }

    public override async Task PumpAsync(Stream input, CancellationToken cancellation)
    {
        do
        {
            foreach (var path in _files)
            {
                await using var file = File.OpenRead(path);
                await file.CopyToAsync(input, cancellation).ConfigureAwait(false);
            }
        }
        while (options.Loop);
    }
}
