namespace Framewire.Protocol.Wire.Http2;

/// <summary>One header as HPACK has it: bytes, shown one to a character.</summary>
internal readonly record struct HpackEntry(string Name, string Value)
{
    /// <summary>What an entry counts for in a table or a list of headers (RFC 7541 section 4.1, RFC 9113 section 6.5.2).</summary>
    public int Size => Name.Length + Value.Length + 32;
}

/// <summary>
/// The headers that a header block can name by number: the static ones first (RFC 7541 appendix A), then those that the peer had us remember,
/// newest first (section 2.3). Owned by one decoder; one thread.
/// </summary>
internal sealed class HpackTable
{
    /// <summary>Number 1 is the first.</summary>
    public static readonly HpackEntry[] Static =
    [
        new(":authority", ""), new(":method", "GET"), new(":method", "POST"),
        new(":path", "/"), new(":path", "/index.html"), new(":scheme", "http"),
        new(":scheme", "https"), new(":status", "200"), new(":status", "204"),
        new(":status", "206"), new(":status", "304"), new(":status", "400"),
        new(":status", "404"), new(":status", "500"), new("accept-charset", ""),
        new("accept-encoding", "gzip, deflate"), new("accept-language", ""), new("accept-ranges", ""),
        new("accept", ""), new("access-control-allow-origin", ""), new("age", ""),
        new("allow", ""), new("authorization", ""), new("cache-control", ""),
        new("content-disposition", ""), new("content-encoding", ""), new("content-language", ""),
        new("content-length", ""), new("content-location", ""), new("content-range", ""),
        new("content-type", ""), new("cookie", ""), new("date", ""),
        new("etag", ""), new("expect", ""), new("expires", ""),
        new("from", ""), new("host", ""), new("if-match", ""),
        new("if-modified-since", ""), new("if-none-match", ""), new("if-range", ""),
        new("if-unmodified-since", ""), new("last-modified", ""), new("link", ""),
        new("location", ""), new("max-forwards", ""), new("proxy-authenticate", ""),
        new("proxy-authorization", ""), new("range", ""), new("referer", ""),
        new("refresh", ""), new("retry-after", ""), new("server", ""),
        new("set-cookie", ""), new("strict-transport-security", ""), new("transfer-encoding", ""),
        new("user-agent", ""), new("vary", ""), new("via", ""),
        new("www-authenticate", ""),
    ];

    private readonly LinkedList<HpackEntry> _dynamic = [];
    private int _size;
    private readonly int _most;
    private int _limit;

    /// <param name="most">What the peer may have us remember, as <see cref="HpackEntry.Size"/> counts.</param>
    public HpackTable(int most) => (_most, _limit) = (most, most);

    /// <summary>The entry of a number; false if there is none.</summary>
    public bool TryGet(int number, out HpackEntry entry)
    {
        entry = default;
        if (number < 1 || number > Static.Length + _dynamic.Count)
            return false;
        entry = number <= Static.Length ? Static[number - 1] : _dynamic.ElementAt(number - Static.Length - 1);
        return true;
    }

    /// <summary>Remembers an entry, and forgets the oldest for it; one that is larger than the table empties it (section 4.4).</summary>
    public void Add(HpackEntry entry)
    {
        Shrink(_limit - entry.Size);
        if (entry.Size > _limit)
            return;
        _dynamic.AddFirst(entry);
        _size += entry.Size;
    }

    /// <summary>The peer will use this much of the table from now on (section 6.3); false if it is more than we allowed.</summary>
    public bool TryResize(int limit)
    {
        if (limit > _most)
            return false;
        _limit = limit;
        Shrink(limit);
        return true;
    }

    private void Shrink(int size)
    {
        while (_size > size && _dynamic.Last is { } oldest)
        {
            _size -= oldest.Value.Size;
            _dynamic.RemoveLast();
        }
    }
}
