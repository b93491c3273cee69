namespace Framewire.Protocol.Wire.Http2;

/// <summary>How much one stream may still send. Owned by its exchange; the number belongs to its <see cref="SendWindows"/>.</summary>
internal sealed class StreamWindow
{
    /// <summary>Bytes; below zero after the peer made windows smaller (RFC 9113 section 6.9.2).</summary>
    public long Left { get; set; }

    public bool Closed { get; set; }
}

/// <summary>
/// How much may be sent on one connection: its own window, and those of its streams (RFC 9113 section 5.2). Owned by a connection; any thread.
/// </summary>
internal sealed class SendWindows
{
    private const int Initial = 65_535;
    private const long Most = int.MaxValue;

    private readonly Lock _lock = new();
    private readonly HashSet<StreamWindow> _streams = [];
    private TaskCompletionSource _changed = NewSource();
    private long _connection = Initial;
    private int _initial = Initial;

    /// <summary>The window of a new stream.</summary>
    public StreamWindow Add()
    {
        lock (_lock)
        {
            var window = new StreamWindow { Left = _initial };
            _streams.Add(window);
            return window;
        }
    }

    /// <summary>Takes up to this many bytes from both windows, as soon as there is one; 0 if the stream has ended.</summary>
    public async ValueTask<int> TakeAsync(StreamWindow window, int wanted, CancellationToken cancellation)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (window.Closed)
                    return 0;
                var taken = (int)Math.Min(wanted, Math.Min(window.Left, _connection));
                if (taken > 0)
                {
                    window.Left -= taken;
                    _connection -= taken;
                    return taken;
                }
                changed = _changed.Task;
            }
            await changed.WaitAsync(cancellation);
        }
    }

    /// <summary>Gives back what was taken and not sent.</summary>
    public void Return(StreamWindow window, int taken)
    {
        lock (_lock)
        {
            window.Left += taken;
            _connection += taken;
        }
        Pulse();
    }

    /// <summary>The peer lets the connection (null) or one stream send more. False if that is more than a window can be.</summary>
    public bool TryGrow(StreamWindow? window, int more)
    {
        lock (_lock)
        {
            if (window is null)
                _connection += more;
            else
                window.Left += more;
            if ((window?.Left ?? _connection) > Most)
                return false;
        }
        Pulse();
        return true;
    }

    /// <summary>The peer's SETTINGS_INITIAL_WINDOW_SIZE, which moves every open window too.</summary>
    public bool TrySetInitial(int initial)
    {
        lock (_lock)
        {
            foreach (var window in _streams)
            {
                window.Left += initial - _initial;
                if (window.Left > Most)
                    return false;
            }
            _initial = initial;
        }
        Pulse();
        return true;
    }

    /// <summary>The stream has ended: nobody waits for it any longer.</summary>
    public void Close(StreamWindow window)
    {
        lock (_lock)
        {
            window.Closed = true;
            _streams.Remove(window);
        }
        Pulse();
    }

    /// <summary>The connection has ended: nobody waits any longer.</summary>
    public void CloseAll()
    {
        lock (_lock)
        {
            foreach (var window in _streams)
                window.Closed = true;
        }
        Pulse();
    }

    private void Pulse()
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            (changed, _changed) = (_changed, NewSource());
        }
        changed.SetResult();
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
