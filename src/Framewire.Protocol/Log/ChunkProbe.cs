using System.Buffers.Binary;
using Google.Protobuf;
using Microsoft.Win32.SafeHandles;

namespace Framewire.Protocol.Log;

/// <summary>Looks at a chunk's first messages without reading the chunk. What it says is unchecked: good for a search, not as a fact. Stateless.</summary>
internal static class ChunkProbe
{
    private const int ProbeBytes = 24;
    private const int MaxGaps = 16;

    /// <summary>The sequence of a chunk's first frame; null if there is none near its beginning.</summary>
    public static ulong? FirstSequence(SafeFileHandle file, ChunkPlace place)
    {
        var at = place.Offset + Mcap.ChunkHeadBytes;
        Span<byte> probe = stackalloc byte[Mcap.MessageHeadBytes + ProbeBytes];
        for (var i = 0; i < MaxGaps && at < place.End; i++)
        {
            var bytes = probe[..(int)Math.Min(probe.Length, place.End - at)];
            if (bytes.Length < Mcap.MessageHeadBytes || !file.TryRead(at, bytes))
                return null;
            var (opcode, length) = Mcap.ReadHead(bytes);
            var channel = BinaryPrimitives.ReadUInt16LittleEndian(bytes[Mcap.RecordHeadBytes..]);
            if (opcode != McapOpcode.Message || length > (ulong)(place.End - at))
                return null;
            if (channel >= SegmentChannels.Results)
                return null;
            if (channel == SegmentChannels.Notes)
                return SequenceIn(bytes[Mcap.MessageHeadBytes..]);
            at += Mcap.RecordHeadBytes + (long)length;
        }

        return null;
    }

    /// <summary>The channel of a chunk's first message; null if there is none of ours.</summary>
    public static ushort? FirstChannel(SafeFileHandle file, ChunkPlace place)
    {
        Span<byte> head = stackalloc byte[Mcap.MessageHeadBytes];
        if (place.RecordsBytes < head.Length || !file.TryRead(place.Offset + Mcap.ChunkHeadBytes, head))
            return null;
        var channel = BinaryPrimitives.ReadUInt16LittleEndian(head[Mcap.RecordHeadBytes..]);
        return Mcap.ReadHead(head).Opcode == McapOpcode.Message && channel is > 0 and <= SegmentChannels.Count ? channel : null;
    }

    /// <summary>The note's first field is its sequence.</summary>
    private static ulong? SequenceIn(ReadOnlySpan<byte> note)
    {
        try
        {
            using var fields = new CodedInputStream(note.ToArray());
            return fields.ReadTag() == (V1.Frame.SequenceFieldNumber << 3) ? fields.ReadUInt64() : null;
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }
}
