namespace Framewire.Protocol.Wire;

/// <summary>
/// The token of one read or write: the caller's and the call's own in one. Makes no object in the usual cases, where the caller gives none or the call's own. Owned by that read or write.
/// </summary>
internal readonly struct JoinedToken : IDisposable
{
    private readonly CancellationTokenSource? _both;

    public JoinedToken(CancellationToken call, CancellationToken caller)
    {
        if (!caller.CanBeCanceled || caller == call)
        {
            Token = call;
            return;
        }
        _both = CancellationTokenSource.CreateLinkedTokenSource(call, caller);
        Token = _both.Token;
    }

    public CancellationToken Token { get; }

    public void Dispose() => _both?.Dispose();
}
