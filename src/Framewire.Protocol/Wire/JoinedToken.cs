namespace Framewire.Protocol.Wire;

/// <summary>
/// The token of a call's reads, or of its writes: the caller's and the call's own in one. Makes an object only when the caller comes with another token than
/// the last time, and none where it comes without one or with the call's own. Owned by the call; one read or write at a time, released from anywhere.
/// </summary>
internal sealed class JoinedToken(CancellationToken call)
{
    private readonly Lock _lock = new();
    private CancellationTokenSource? _both;
    private CancellationToken _caller;
    private bool _inUse;
    private bool _released;

    /// <summary>The token of the next read or write, until that is disposed.</summary>
    public Use Enter(CancellationToken caller)
    {
        if (!caller.CanBeCanceled || caller == call)
            return new Use(null, call);
        lock (_lock)
        {
            // The call is over then, which its own token says.
            if (_released)
                return new Use(null, call);
            if (_both is null || _caller != caller)
            {
                _both?.Dispose();
                (_both, _caller) = (CancellationTokenSource.CreateLinkedTokenSource(call, caller), caller);
            }
            _inUse = true;
            return new Use(this, _both.Token);
        }
    }

    /// <summary>The call is over: lets go of the caller's token, now or when the read or write ends.</summary>
    public void Release()
    {
        lock (_lock)
        {
            _released = true;
            LetGo();
        }
    }

    private void Exit()
    {
        lock (_lock)
        {
            _inUse = false;
            LetGo();
        }
    }

    private void LetGo()
    {
        if (!_released || _inUse)
            return;
        _both?.Dispose();
        _both = null;
    }

    /// <summary>One read or write.</summary>
    internal readonly struct Use(JoinedToken? joined, CancellationToken token) : IDisposable
    {
        public CancellationToken Token => token;

        public void Dispose() => joined?.Exit();
    }
}
