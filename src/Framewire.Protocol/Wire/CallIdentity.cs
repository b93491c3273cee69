namespace Framewire.Protocol.Wire;

/// <summary>
/// Who a call is from, as whoever sits in front of the dispatcher has found out; what it may do is up to the handlers. Outlives the call; any thread.
/// </summary>
public abstract class CallIdentity
{
    /// <summary>Cancelled when it no longer holds: it has expired, or was taken back. The calls that go on with it end with UNAUTHENTICATED.</summary>
    public abstract CancellationToken Ended { get; }

    /// <summary>Why it no longer holds, for people.</summary>
    public abstract string WhyEnded { get; }
}
