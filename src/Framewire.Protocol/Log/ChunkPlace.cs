namespace Framewire.Protocol.Log;

/// <summary>Where the MessageIndex of one channel begins, of how many messages it is; 0 if that was not read.</summary>
internal readonly record struct MessageIndexPlace(ushort Channel, long Offset, int Messages = 0);

/// <summary>Where one chunk is in its file, as a ChunkIndex record says it. Immutable.</summary>
/// <param name="Offset">Where the chunk's record begins.</param>
/// <param name="Length">Its length with its head.</param>
/// <param name="StartTime">The log time of its first message, nanoseconds since 1970.</param>
/// <param name="EndTime">The log time of its last message.</param>
internal sealed record ChunkPlace(long Offset, long Length, ulong StartTime, ulong EndTime)
{
    /// <summary>Where the MessageIndex of each channel begins.</summary>
    public IReadOnlyList<MessageIndexPlace> Indexes { get; init; } = [];

    /// <summary>The length of the MessageIndexes together.</summary>
    public long IndexBytes { get; init; }

    /// <summary>Where the chunk's record ends.</summary>
    public long End => Offset + Length;

    /// <summary>The length of what is in it.</summary>
    public long RecordsBytes => Length - Mcap.ChunkHeadBytes;
}
