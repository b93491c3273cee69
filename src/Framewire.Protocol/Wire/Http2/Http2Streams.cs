namespace Framewire.Protocol.Wire.Http2;

/// <summary>
/// The calls on one connection: how many there may be, which number each has, and which of them a GOAWAY takes away. Owned by a connection; any thread.
/// </summary>
internal sealed class Http2Streams
{
    private readonly Lock _lock = new();
    private readonly Dictionary<int, Http2Exchange> _open = [];
    private TaskCompletionSource _changed = NewSource();
    private int _reserved;
    private int _next = 1;
    private long _most = uint.MaxValue;
    private bool _closed;

    /// <summary>Calls that are open or about to be.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _reserved;
        }
    }

    /// <summary>There will be no new ones, and this connection is of use only until the last one ends.</summary>
    public bool Closed
    {
        get
        {
            lock (_lock)
                return _closed;
        }
    }

    /// <summary>The peer's SETTINGS_MAX_CONCURRENT_STREAMS.</summary>
    public void SetMost(uint most)
    {
        lock (_lock)
            _most = most;
        Pulse();
    }

    /// <summary>Waits until there may be one more; false if this connection takes no more.</summary>
    public async ValueTask<bool> ReserveAsync(CancellationToken cancellation)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (_closed)
                    return false;
                if (_reserved < _most)
                {
                    _reserved++;
                    return true;
                }
                changed = _changed.Task;
            }
            await changed.WaitAsync(cancellation);
        }
    }

    /// <summary>Gives a reserved call its number: in the order in which their headers leave (RFC 9113 section 5.1.1). 0 if the connection takes no more.</summary>
    public int Register(Http2Exchange exchange)
    {
        lock (_lock)
        {
            if (_closed)
                return 0;
            var number = _next;
            _next += 2;
            _open.Add(number, exchange);
            // There are no more numbers than these (RFC 9113 section 5.1.1).
            _closed = _next > int.MaxValue - 2;
            return number;
        }
    }

    /// <summary>The open call of a number, or null if it has ended. False if there never was one.</summary>
    public bool TryFind(int number, out Http2Exchange? exchange)
    {
        lock (_lock)
            return _open.TryGetValue(number, out exchange) || (number % 2 == 1 && number < _next);
    }

    /// <summary>A reserved call has ended, whether or not it got its number (0).</summary>
    public void Release(int number)
    {
        lock (_lock)
        {
            _open.Remove(number);
            _reserved--;
        }
        Pulse();
    }

    /// <summary>Takes no more calls, and returns those whose number is above <paramref name="last"/>.</summary>
    public List<Http2Exchange> Close(int last)
    {
        List<Http2Exchange> above;
        lock (_lock)
        {
            _closed = true;
            above = [.. _open.Where(open => open.Key > last).Select(open => open.Value)];
        }
        Pulse();
        return above;
    }

    private void Pulse()
    {
        TaskCompletionSource changed;
        lock (_lock)
            (changed, _changed) = (_changed, NewSource());
        changed.SetResult();
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
