using System.Collections;

namespace Framewire.Protocol.Wire;

/// <summary>
/// A call's own headers or trailers: names and values in the order in which they were added, several values to a name.
/// Owned by its call; one thread at a time.
/// </summary>
/// <remarks>
/// PROTOCOL-HTTP2.md, "Custom-Metadata": names are lower-case <c>0-9 a-z _ - .</c>; a name that ends in <c>-bin</c> has bytes, as base64; any other has
/// printable ASCII. Names that start with <c>grpc-</c> belong to the protocol: they cannot be added, and those that arrive are not shown here.
/// </remarks>
public sealed class Metadata : IEnumerable<KeyValuePair<string, string>>
{
    private readonly List<KeyValuePair<string, string>> _entries = [];

    public int Count => _entries.Count;

    /// <summary>Adds a text value.</summary>
    /// <exception cref="ArgumentException">The name or value cannot travel, or the name belongs to the protocol.</exception>
    public void Add(string name, string value)
    {
        name = OwnName(name);
        if (MetadataRules.IsBinary(name))
            throw new ArgumentException($"\"{name}\" ends in -bin: add its bytes with AddBinary.", nameof(name));
        if (!MetadataRules.IsText(value))
            throw new ArgumentException($"The value of \"{name}\" has characters other than printable ASCII; use a name that ends in -bin.", nameof(value));
        _entries.Add(new(name, value));
    }

    /// <summary>Adds bytes under a name that ends in <c>-bin</c>.</summary>
    /// <exception cref="ArgumentException">The name cannot travel, does not end in -bin, or belongs to the protocol.</exception>
    public void AddBinary(string name, ReadOnlySpan<byte> value)
    {
        name = OwnName(name);
        if (!MetadataRules.IsBinary(name))
            throw new ArgumentException($"\"{name}\" does not end in -bin.", nameof(name));
        _entries.Add(new(name, MetadataRules.EncodeBinary(value)));
    }

    /// <summary>The first value of a name, or null.</summary>
    public string? Get(string name)
    {
        foreach (var entry in _entries)
        {
            if (string.Equals(entry.Key, name, StringComparison.OrdinalIgnoreCase))
                return entry.Value;
        }
        return null;
    }

    /// <summary>Every value of a name, in order, as they travelled: values that the peer joined with commas stay joined.</summary>
    public IEnumerable<string> GetAll(string name) =>
        _entries.Where(entry => string.Equals(entry.Key, name, StringComparison.OrdinalIgnoreCase)).Select(entry => entry.Value);

    /// <summary>The first value of a <c>-bin</c> name, or null.</summary>
    /// <exception cref="GrpcException">The value is not base64 (INTERNAL).</exception>
    public byte[]? GetBinary(string name) => GetAllBinary(name).FirstOrDefault();

    /// <summary>Every value of a <c>-bin</c> name, in order; those that the peer joined with commas are taken apart.</summary>
    /// <exception cref="GrpcException">A value is not base64 (INTERNAL).</exception>
    public IEnumerable<byte[]> GetAllBinary(string name) =>
        GetAll(name).SelectMany(joined => joined.Split(',')).Select(value => MetadataRules.TryDecodeBinary(value, out var bytes)
            ? bytes
            : throw new GrpcException(GrpcStatusCode.Internal, $"The value of \"{name}\" is not base64."));

    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => _entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>For a transport: adds what came from the peer, but leaves out what belongs to the protocol.</summary>
    public void AddReceived(string name, string value)
    {
        if (!MetadataRules.IsReserved(name))
            AddUnchecked(name, value);
    }

    /// <summary>Adds what is known to be well-formed, or came from the peer and is nobody's to refuse.</summary>
    internal void AddUnchecked(string name, string value) => _entries.Add(new(name, value));

    /// <summary>Only what belongs to the application.</summary>
    internal Metadata WithoutReserved()
    {
        var kept = new Metadata();
        foreach (var (name, value) in _entries)
            kept.AddReceived(name, value);
        return kept;
    }

    private static string OwnName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
#pragma warning disable CA1308 // Header names are lower-case in HTTP/2 (RFC 9113 section 8.2.1).
        name = name.ToLowerInvariant();
#pragma warning restore CA1308
        if (!MetadataRules.IsName(name))
            throw new ArgumentException($"\"{name}\" is not a metadata name: a-z 0-9 _ - . only.", nameof(name));
        if (MetadataRules.IsReserved(name))
            throw new ArgumentException($"\"{name}\" belongs to the protocol.", nameof(name));
        return name;
    }
}
