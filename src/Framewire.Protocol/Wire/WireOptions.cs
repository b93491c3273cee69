using System.IO.Compression;

namespace Framewire.Protocol.Wire;

/// <summary>The limits that both ends of a call keep. Immutable; shared by every call of a connection or server.</summary>
public sealed record WireOptions
{
    /// <summary>The largest message taken in, bytes, after inflating. A larger one ends its call with RESOURCE_EXHAUSTED before any memory is spent on it.</summary>
    public int MaxMessageBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>How hard to compress when a message is to be compressed at all. Pictures are compressed already: the default is never to try.</summary>
    public CompressionLevel GzipLevel { get; init; } = CompressionLevel.Fastest;

    /// <summary>Says every mistake at once; nothing if there is none.</summary>
    public IEnumerable<string> Validate()
    {
        if (MaxMessageBytes is < 1024 or > 1024 * 1024 * 1024)
            yield return $"MaxMessageBytes is {MaxMessageBytes}; give 1024 (1 KiB) to 1073741824 (1 GiB).";
        if (!Enum.IsDefined(GzipLevel))
            yield return $"GzipLevel is {(int)GzipLevel}; give one of {string.Join(", ", Enum.GetNames<CompressionLevel>())}.";
    }
}
