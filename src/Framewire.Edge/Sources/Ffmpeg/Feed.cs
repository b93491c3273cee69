namespace Framewire.Edge.Sources.Ffmpeg;

/// <summary>
/// Writes ffmpeg's standard input: another program's output, our own standard input, image files or the test pattern. Owned by
/// one <see cref="FfmpegSource"/>, which opens it, runs the pump beside its reading loop, and disposes it.
/// </summary>
internal abstract class Feed : IAsyncDisposable
{
    /// <summary>Waits for the first bytes and learns what they are.</summary>
    /// <returns>How ffmpeg is to read them.</returns>
    /// <exception cref="SourceException">There are none.</exception>
    public abstract Task<FfmpegInput> OpenAsync(CancellationToken cancellation);

    /// <summary>Writes everything. The caller closes <paramref name="input"/>.</summary>
    /// <exception cref="SourceException">What feeds us has failed.</exception>
    /// <exception cref="IOException">ffmpeg reads no more.</exception>
    public abstract Task PumpAsync(Stream input, CancellationToken cancellation);

    /// <summary>When the image that comes out of ffmpeg next went in; null if this feed does not know.</summary>
    public virtual DateTimeOffset? TakeCapturedAt() => null;

    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
