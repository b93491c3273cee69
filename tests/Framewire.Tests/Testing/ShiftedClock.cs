namespace Framewire.Tests.Testing;

/// <summary>The system's clock as a machine has it whose wall clock is wrong. Thread-safe.</summary>
internal sealed class ShiftedClock(TimeSpan ahead) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + ahead;
}
