namespace Framewire.Tests.Testing;

/// <summary>A clock that stands still until a test moves it. Timers of its own it has none: for code that asks the time. Owned by one test; one thread.</summary>
internal sealed class ManualClock : TimeProvider
{
    private TimeSpan _elapsed;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _elapsed.Ticks;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + _elapsed;

    public void Advance(TimeSpan by) => _elapsed += by;
}
