namespace Framewire.Server.Streams;

/// <summary>What happens to a reader that cannot keep up.</summary>
public enum Overflow
{
    /// <summary>Lossless: the publisher waits for it, so that the ack does.</summary>
    Wait,

    /// <summary>As <see cref="Wait"/> while the stream's session is lossless, as <see cref="DropToKeyframe"/> while it is not.</summary>
    WaitIfLossless,

    /// <summary>Lossy: it jumps to the newest keyframe and is told what it missed.</summary>
    DropToKeyframe,
}

/// <summary>
/// One reader's place on a stream. Owned by one loop, which calls <see cref="NextAsync"/> until it is disposed.
/// The place itself is moved only under the stream's lock.
/// </summary>
public sealed class Subscription : IDisposable
{
    private readonly LiveStream _stream;
    private readonly SubscriptionCursor _cursor;

    internal Subscription(LiveStream stream, SubscriptionCursor cursor)
    {
        _stream = stream;
        _cursor = cursor;
    }

    /// <summary>What happens when this reader falls behind.</summary>
    public Overflow Overflow => _cursor.Overflow;

    /// <summary>Whether this lossless reader was let go because it held up the publisher.</summary>
    public bool WasDetached => _stream.WasDetached(_cursor);

    /// <summary>Frames this reader will not get because it was too slow.</summary>
    public long Dropped => _cursor.Dropped;

    /// <summary>
    /// The next thing that happened, waiting for it if need be; null when the stream is gone, or when this lossless reader was
    /// detached for holding up the publisher. A frame inside is held by the caller, who must release it.
    /// </summary>
    public ValueTask<StreamEvent?> NextAsync(CancellationToken cancellation) => _stream.NextAsync(_cursor, cancellation);

    /// <summary>Leaves the stream.</summary>
    public void Dispose() => _stream.Unsubscribe(_cursor);
}
