using System.Buffers;

namespace Framewire.Protocol.Log;

/// <summary>Where the messages of one chunk are, by channel: the MessageIndex records behind it. Owned by who writes or reads the chunk.</summary>
/// <remarks>
/// https://mcap.dev/spec#message-index-op0x07
/// <code>
///   | 07 | u64 length | u16 channel | u32 bytes of what follows | ( u64 log time | u64 offset in the chunk's records ) ... |
/// </code>
/// </remarks>
internal sealed class MessageIndexes
{
    private readonly List<(ulong LogTime, ulong Offset)>[] _byChannel = [[], [], [], [], []];

    /// <summary>Messages.</summary>
    public int Count { get; private set; }

    /// <summary>The log time of the first message; 0 if there is none.</summary>
    public ulong StartTime { get; private set; }

    /// <summary>The log time of the last message; 0 if there is none.</summary>
    public ulong EndTime { get; private set; }

    public void Add(ushort channel, ulong logTime, long offset)
    {
        StartTime = Count++ == 0 ? logTime : Math.Min(StartTime, logTime);
        EndTime = Math.Max(EndTime, logTime);
        _byChannel[channel - 1].Add((logTime, (ulong)offset));
    }

    public void Clear()
    {
        (Count, StartTime, EndTime) = (0, 0, 0);
        foreach (var entries in _byChannel)
            entries.Clear();
    }

    /// <summary>Writes the records of the channels that have a message.</summary>
    /// <param name="to">Where to.</param>
    /// <param name="at">The offset in the file at which they will be.</param>
    /// <returns>Where each channel's record will be in the file.</returns>
    public IReadOnlyList<MessageIndexPlace> Write(IBufferWriter<byte> to, long at)
    {
        var places = new List<MessageIndexPlace>(_byChannel.Length);
        for (ushort channel = 1; channel <= _byChannel.Length; channel++)
        {
            var entries = _byChannel[channel - 1];
            if (entries.Count == 0)
                continue;
            var arrayBytes = 16 * entries.Count;
            places.Add(new MessageIndexPlace(channel, at, entries.Count));
            to.PutRecordHead(McapOpcode.MessageIndex, 2 + 4 + arrayBytes);
            to.PutUInt16(channel);
            to.PutUInt32((uint)arrayBytes);
            foreach (var (logTime, offset) in entries)
            {
                to.PutUInt64(logTime);
                to.PutUInt64(offset);
            }

            at += Mcap.RecordHeadBytes + 2 + 4 + arrayBytes;
        }

        return places;
    }
}
