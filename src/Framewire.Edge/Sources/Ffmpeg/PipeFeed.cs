namespace Framewire.Edge.Sources.Ffmpeg;

/// <summary>
/// Feeds ffmpeg from another pipe as it comes. Owned by one <see cref="FfmpegSource"/>; the pump is its only reader.
/// </summary>
internal abstract class PipeFeed(SourceOptions options) : Feed
{
    private readonly byte[] _start = new byte[64 << 10];
    private int _held;

    /// <summary>The source in words.</summary>
    protected abstract string Subject { get; }

    public override async Task<FfmpegInput> OpenAsync(CancellationToken cancellation)
    {
        var source = await StartAsync(cancellation).ConfigureAwait(false);
        _held = await source.ReadAtLeastAsync(_start, BareFormat.BytesNeeded, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
        if (_held == 0)
            throw await EmptyAsync(cancellation).ConfigureAwait(false);
        var bare = BareFormat.Recognise(_start.AsSpan(0, _held));
        var input = FfmpegInputs.Piped(Subject, bare is null ? [] : Describe(bare), !options.Fast, isPaced: false, "Check that it writes video and nothing else.");
        return input with { IsMotionJpeg = bare is "mjpeg" };
    }

    public override async Task PumpAsync(Stream input, CancellationToken cancellation)
    {
        var source = await StartAsync(cancellation).ConfigureAwait(false);
        await input.WriteAsync(_start.AsMemory(0, _held), cancellation).ConfigureAwait(false);
        int count;
        while ((count = await source.ReadAsync(_start, cancellation).ConfigureAwait(false)) > 0)
            await input.WriteAsync(_start.AsMemory(0, count), cancellation).ConfigureAwait(false);
        await EndAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>What to read from; the same at each call.</summary>
    protected abstract Task<Stream> StartAsync(CancellationToken cancellation);

    /// <summary>Why nothing came.</summary>
    protected abstract Task<SourceException> EmptyAsync(CancellationToken cancellation);

    /// <summary>Called at the end of the pipe.</summary>
    /// <exception cref="SourceException">It was no good end.</exception>
    protected virtual Task EndAsync(CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>Bare pictures have no times: live ones get those of their arrival, others an even rate.</summary>
    private string[] Describe(string format) => options.Fast
        ? ["-f", format, "-framerate", FfmpegOutput.Number(options.FrameRate ?? 25)]
        : ["-f", format, "-use_wallclock_as_timestamps", "1"];
}
