namespace Framewire.Server.Streams;

/// <summary>
/// Wakes everyone who waits, once. Take <see cref="Next"/> before looking at the state it guards, then look, then wait on it. Thread-safe.
/// </summary>
internal sealed class AsyncPulse
{
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes at the next beat.</summary>
    public Task Next => Volatile.Read(ref _next).Task;

    /// <summary>Wakes everyone who waits now.</summary>
    public void Beat() =>
        Interlocked.Exchange(ref _next, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
}
