namespace Framewire.Server.Processing;

/// <summary>Picks frames so that there are at most so many a second, by their presentation times. Not thread-safe.</summary>
/// <param name="frameRate">The most frames a second; 0 for all.</param>
internal sealed class FrameRateLimit(double frameRate)
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromMilliseconds(2);

    private readonly TimeSpan _period = frameRate > 0 ? TimeSpan.FromSeconds(1 / frameRate) : TimeSpan.Zero;
    private TimeSpan? _due;

    /// <summary>Whether the frame of this time is picked.</summary>
    public bool Picks(TimeSpan pts)
    {
        if (_period == TimeSpan.Zero)
            return true;
        if (_due is { } due && pts < due - Tolerance)
            return false;
        // Even times keep the rate even; after a pause it begins anew.
        _due = (_due is { } was && pts - was < _period ? was : pts) + _period;
        return true;
    }

    /// <summary>Another session begins, with times of its own.</summary>
    public void Restart() => _due = null;
}
