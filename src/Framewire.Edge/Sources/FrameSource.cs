using Framewire.Protocol.Video;

namespace Framewire.Edge.Sources;

/// <summary>
/// Where frames come from at the edge. Owned by one publisher: opened once, read by one loop, then disposed, which ends
/// every child process it started.
/// </summary>
public abstract class FrameSource : IAsyncDisposable
{
    /// <summary>Makes the source that the options name. Starts nothing.</summary>
    /// <exception cref="SourceException">The options are wrong or do not go together; the message names every mistake.</exception>
    public static FrameSource Create(SourceOptions options, TimeProvider time) => SourceFactory.Create(options, time);

    /// <summary>
    /// True if frames come at their own pace whether or not somebody takes them (a camera, a paced file);
    /// false if the source can wait (an unpaced file).
    /// </summary>
    public abstract bool IsLive { get; }

    /// <summary>Starts the source and learns what its frames look like.</summary>
    /// <exception cref="SourceException">It cannot be opened; the message says what to do.</exception>
    public abstract Task<StreamFormat> OpenAsync(CancellationToken cancellation);

    /// <summary>
    /// The frames in decode order, not yet numbered. Whoever takes a frame holds it and must release it. Ends at the end of the source.
    /// </summary>
    /// <exception cref="SourceException">The source broke; frames already handed out stay good.</exception>
    public abstract IAsyncEnumerable<Frame> ReadAsync(CancellationToken cancellation);

    /// <summary>Changes the JPEG quality from the next frame on. Any thread, once the source is open.</summary>
    /// <param name="quality">1 to 100.</param>
    /// <returns>False if this source does not compress JPEG itself.</returns>
    public virtual bool TrySetQuality(int quality) => false;

    /// <summary>Stops the source.</summary>
    public abstract ValueTask DisposeAsync();
}
