namespace Framewire.Edge.Sources.Ffmpeg;

/// <summary>Feeds ffmpeg from this process's standard input. Owned by one <see cref="FfmpegSource"/>.</summary>
internal sealed class StandardInputFeed(SourceOptions options, Func<Stream> open) : PipeFeed(options)
{
    private Stream? _input;

    protected override string Subject => "Standard input";

    protected override Task<Stream> StartAsync(CancellationToken cancellation) => Task.FromResult(_input ??= open());

    protected override Task<SourceException> EmptyAsync(CancellationToken cancellation) =>
        Task.FromResult(new SourceException("Standard input is empty: pipe video into it, as in 'rpicam-vid -t 0 --inline -o - | framewire publish -'."));
}
