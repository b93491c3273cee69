namespace Framewire.Tests.Testing;

/// <summary>The system's clock as a machine has it whose wall clock is wrong, or is set. Thread-safe.</summary>
internal sealed class ShiftedClock(TimeSpan ahead = default) : TimeProvider
{
    private long _ahead = ahead.Ticks;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _ahead));

    /// <summary>Sets the wall clock forward.</summary>
    public void Shift(TimeSpan by) => Interlocked.Add(ref _ahead, by.Ticks);
}
