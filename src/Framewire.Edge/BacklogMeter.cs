namespace Framewire.Edge;

/// <summary>How fast what has waited may be sent. No clock and no lock: owned by one <see cref="Outbox"/>.</summary>
/// <param name="bytesPerSecond">The limit; null for none.</param>
internal sealed class BacklogMeter(long? bytesPerSecond)
{
    private TimeSpan _freeAt;

    /// <summary>How long to wait before the next frame; null if it may go now.</summary>
    public TimeSpan? WaitAt(TimeSpan now) => now >= _freeAt ? null : _freeAt - now;

    /// <summary>A frame goes out.</summary>
    public void Count(TimeSpan now, int bytes)
    {
        if (bytesPerSecond is { } rate)
            _freeAt = (now > _freeAt ? now : _freeAt) + TimeSpan.FromSeconds((double)bytes / rate);
    }
}
