namespace Framewire.Protocol.Wire.Http2;

/// <summary>One header block as it comes: a response's head, an interim response, or trailers (RFC 9113 section 8). Owned by the reading loop.</summary>
internal sealed class ReceivedHeaders(int limit)
{
    private int _size;

    public Metadata Metadata { get; } = new();

    /// <summary>The value of <c>:status</c>; null in trailers.</summary>
    public int? Status { get; private set; }

    /// <summary>More than this end takes: what is over it was not kept.</summary>
    public bool TooLarge => _size > limit;

    /// <summary>What is wrong with them, if anything.</summary>
    public string? Mistake { get; private set; }

    public void Add(HpackEntry header)
    {
        _size += header.Size;
        if (TooLarge)
            return;
        if (header.Name.StartsWith(':'))
            AddPseudo(header);
        else if (header.Name.Length == 0 || header.Name.AsSpan().ContainsAnyInRange('A', 'Z') || header.Value.AsSpan().ContainsAny('\r', '\n', '\0'))
            Mistake = "a header that may not be";
        else
            Metadata.AddUnchecked(header.Name, header.Value.Trim(' ', '\t'));
    }

    private void AddPseudo(HpackEntry header)
    {
        var isStatus = header.Name == ":status" && Status is null && Metadata.Count == 0;
        if (isStatus && header.Value.Length == 3 && int.TryParse(header.Value, System.Globalization.NumberStyles.None, null, out var status))
            Status = status;
        else
            Mistake = $"{header.Name} {header.Value}";
    }
}
