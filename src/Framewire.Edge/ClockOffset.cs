namespace Framewire.Edge;

/// <summary>When the server had a whole frame and when it sent the ack, by the server's clock; <c>default</c> where it did not say.</summary>
internal readonly record struct ServerTimes(DateTimeOffset ReceivedAt, DateTimeOffset SentAt);

/// <summary>
/// The server's clock minus this machine's, by the four times of an ack, as NTP reckons it (RFC 5905, section 8). The two ways of a
/// short round trip differ least, so the ack with the shortest one decides; only the last intervals count, so that drift is followed.
/// No clock and no lock: owned by one <see cref="Outbox"/>.
/// </summary>
internal sealed class ClockOffset
{
    private const int Intervals = 16;

    private readonly Sample?[] _best = new Sample?[Intervals];
    private int _current;

    /// <summary>The offset; null before the first ack that tells. When the acks fall silent it stays what it was.</summary>
    public TimeSpan? Value { get; private set; }

    /// <summary>Takes in an ack.</summary>
    /// <param name="sentAt">When the frame was sent, by this machine's clock.</param>
    /// <param name="server">What the server said.</param>
    /// <param name="arrivedAt">When the ack came, by this machine's clock.</param>
    public void Learn(DateTimeOffset sentAt, ServerTimes server, DateTimeOffset arrivedAt)
    {
        if (server.ReceivedAt == default || server.SentAt == default)
            return;
        var atServer = server.SentAt - server.ReceivedAt;
        var roundTrip = arrivedAt - sentAt - atServer;
        // A clock was set meanwhile, or the server makes its times up.
        if (atServer < TimeSpan.Zero || roundTrip < TimeSpan.Zero)
            return;
        // Any two moments lie less than 10,000 years apart: twice that fits.
        var offset = TimeSpan.FromTicks((server.ReceivedAt - sentAt + (server.SentAt - arrivedAt)).Ticks / 2);
        if (_best[_current] is not { } best || roundTrip < best.RoundTrip)
            _best[_current] = new Sample(roundTrip, offset);
        Judge();
    }

    /// <summary>Begins another interval; what is too many intervals old is forgotten.</summary>
    public void NextInterval()
    {
        _current = (_current + 1) % Intervals;
        _best[_current] = null;
        Judge();
    }

    /// <summary>There is another link, perhaps to another machine: its first ack decides.</summary>
    public void Restart() => Array.Clear(_best);

    private void Judge() => Value = _best.Where(sample => sample is not null).MinBy(sample => sample!.Value.RoundTrip)?.Offset ?? Value;

    /// <summary>One ack: how long it was under way, both ways together, and the offset that it tells.</summary>
    private readonly record struct Sample(TimeSpan RoundTrip, TimeSpan Offset);
}
