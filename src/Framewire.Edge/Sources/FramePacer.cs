namespace Framewire.Edge.Sources;

/// <summary>
/// Holds frames back until they are due, on a grid fixed by the first one, so that delays do not add up. Owned by one reading
/// loop; not thread-safe.
/// </summary>
/// <remarks>
/// A late loop gets the frames that are due at once until it has caught up. One that is later than <see cref="MostLate"/>, or
/// media time that goes back, starts the grid anew: a minute of stall must not become a minute's burst.
/// </remarks>
internal sealed class FramePacer(TimeProvider time)
{
    public static readonly TimeSpan MostLate = TimeSpan.FromSeconds(1);

    private long _origin;
    private TimeSpan _offset;
    private TimeSpan _last;
    private bool _started;

    /// <summary>Waits until a frame is due.</summary>
    /// <param name="mediaTime">Where the frame stands in the source; must not go back, or the grid starts anew.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task WaitAsync(TimeSpan mediaTime, CancellationToken cancellation)
    {
        if (!_started || mediaTime < _last)
            Restart(mediaTime);
        _last = mediaTime;
        var wait = mediaTime - _offset - time.GetElapsedTime(_origin);
        if (wait < -MostLate)
            Restart(mediaTime);
        // A timer counts whole milliseconds and may fire early by a part of one, hence the loop.
        while (wait > TimeSpan.Zero)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)), time, cancellation).ConfigureAwait(false);
            wait = mediaTime - _offset - time.GetElapsedTime(_origin);
        }
    }

    private void Restart(TimeSpan mediaTime)
    {
        _started = true;
        _origin = time.GetTimestamp();
        _offset = mediaTime;
    }
}
