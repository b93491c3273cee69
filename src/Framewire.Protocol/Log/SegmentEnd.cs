using System.Buffers;
using System.IO.Hashing;
using Microsoft.Win32.SafeHandles;

namespace Framewire.Protocol.Log;

/// <summary>What a closed segment has behind its last chunk. Immutable.</summary>
/// <param name="Chunks">Where the chunks are, in order.</param>
/// <param name="Contents">What is in them.</param>
/// <remarks>
/// https://mcap.dev/spec#summary-section, https://mcap.dev/spec#footer-op0x02
/// <code>
///   Footer   | 02 | u64 20 | u64 where the summary begins | u64 where its SummaryOffsets begin | u32 CRC of the summary and the footer so far |
/// </code>
/// </remarks>
internal sealed record SegmentEnd(IReadOnlyList<ChunkPlace> Chunks, SegmentSummary Contents)
{
    private const int MaxSummaryBytes = 64 << 20;
    private const int MaxContentsBytes = 64 << 20;

    /// <summary>Writes it. Not fsynced.</summary>
    /// <returns>The file's length.</returns>
    public static long Write(SafeFileHandle file, long at, SegmentStart start, SegmentSummary summary, IReadOnlyList<ChunkPlace> chunks)
    {
        var data = new ArrayBufferWriter<byte>();
        var contentsBytes = SegmentMetadata.WriteContents(data, summary);
        data.PutRecord(McapOpcode.DataEnd, record => record.PutUInt32(0)); // no CRC of the whole data section: each chunk has its own
        RandomAccess.Write(file, data.WrittenSpan, at);
        CrashPoints.Reach("segment-in-close");

        var summaryAt = at + data.WrittenCount;
        var rest = WriteSummary(summaryAt, start, (at, contentsBytes), chunks);
        RandomAccess.Write(file, rest.WrittenSpan, summaryAt);
        return summaryAt + rest.WrittenCount;
    }

    /// <summary>Reads it.</summary>
    /// <returns>Null if the file was not closed in order, or its summary is damaged.</returns>
    public static SegmentEnd? TryRead(SafeFileHandle file, SegmentStart start)
    {
        try
        {
            return Read(file, start);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private static ArrayBufferWriter<byte> WriteSummary(
        long at, SegmentStart start, (long Offset, long Bytes) contents, IReadOnlyList<ChunkPlace> chunks)
    {
        var to = new ArrayBufferWriter<byte>();
        var groups = new List<(McapOpcode Opcode, long Offset, long Bytes)>();
        void Group(McapOpcode opcode, Action<ArrayBufferWriter<byte>> write)
        {
            var from = to.WrittenCount;
            write(to);
            if (to.WrittenCount > from)
                groups.Add((opcode, at + from, to.WrittenCount - from));
        }

        Group(McapOpcode.Schema, to => SegmentChannels.WriteSchemas(to, start.Header));
        Group(McapOpcode.Channel, to => SegmentChannels.WriteChannels(to, start.Header));
        Group(McapOpcode.Statistics, to => WriteStatistics(to, chunks));
        Group(McapOpcode.ChunkIndex, to => WriteChunkIndexes(to, chunks));
        Group(McapOpcode.MetadataIndex, to =>
        {
            WriteMetadataIndex(to, SegmentMetadata.HeaderName, start.MetadataOffset, start.MetadataBytes);
            WriteMetadataIndex(to, SegmentMetadata.ContentsName, contents.Offset, contents.Bytes);
        });

        var offsetsAt = at + to.WrittenCount;
        foreach (var (opcode, offset, bytes) in groups)
        {
            to.PutRecord(McapOpcode.SummaryOffset, record =>
            {
                record.PutByte((byte)opcode);
                record.PutUInt64((ulong)offset);
                record.PutUInt64((ulong)bytes);
            });
        }

        to.PutRecordHead(McapOpcode.Footer, 20);
        to.PutUInt64((ulong)at);
        to.PutUInt64((ulong)offsetsAt);
        to.PutUInt32(Crc32.HashToUInt32(to.WrittenSpan));
        to.Write(Mcap.Magic);
        return to;
    }

    private static void WriteStatistics(IBufferWriter<byte> to, IReadOnlyList<ChunkPlace> chunks) =>
        to.PutRecord(McapOpcode.Statistics, record =>
        {
            var messages = new ulong[SegmentChannels.Count];
            foreach (var index in chunks.SelectMany(chunk => chunk.Indexes))
                messages[index.Channel - 1] += (ulong)index.Messages;
            record.PutUInt64(messages.Aggregate(0ul, (sum, each) => sum + each));
            record.PutUInt16(SegmentChannels.Count);
            record.PutUInt32(SegmentChannels.Count);
            record.PutUInt32(0); // attachments
            record.PutUInt32(2); // metadata
            record.PutUInt32((uint)chunks.Count);
            record.PutUInt64(chunks.Count == 0 ? 0 : chunks.Min(chunk => chunk.StartTime));
            record.PutUInt64(chunks.Count == 0 ? 0 : chunks.Max(chunk => chunk.EndTime));
            record.PutUInt32(SegmentChannels.Count * (2 + 8));
            for (ushort channel = 1; channel <= SegmentChannels.Count; channel++)
            {
                record.PutUInt16(channel);
                record.PutUInt64(messages[channel - 1]);
            }
        });

    private static void WriteChunkIndexes(IBufferWriter<byte> to, IReadOnlyList<ChunkPlace> chunks)
    {
        foreach (var chunk in chunks)
        {
            to.PutRecord(McapOpcode.ChunkIndex, record =>
            {
                record.PutUInt64(chunk.StartTime);
                record.PutUInt64(chunk.EndTime);
                record.PutUInt64((ulong)chunk.Offset);
                record.PutUInt64((ulong)chunk.Length);
                record.PutUInt32((uint)chunk.Indexes.Count * (2 + 8));
                foreach (var (channel, offset, _) in chunk.Indexes)
                {
                    record.PutUInt16(channel);
                    record.PutUInt64((ulong)offset);
                }

                record.PutUInt64((ulong)chunk.IndexBytes);
                record.PutString(""); // no compression
                record.PutUInt64((ulong)chunk.RecordsBytes);
                record.PutUInt64((ulong)chunk.RecordsBytes);
            });
        }
    }

    private static void WriteMetadataIndex(IBufferWriter<byte> to, string name, long offset, long bytes) =>
        to.PutRecord(McapOpcode.MetadataIndex, record =>
        {
            record.PutUInt64((ulong)offset);
            record.PutUInt64((ulong)bytes);
            record.PutString(name);
        });

    private static SegmentEnd? Read(SafeFileHandle file, SegmentStart start)
    {
        var length = RandomAccess.GetLength(file);
        Span<byte> tail = stackalloc byte[Mcap.TailBytes];
        if (length < start.End + Mcap.TailBytes || !file.TryRead(length - Mcap.TailBytes, tail) || !tail[^8..].SequenceEqual(Mcap.Magic))
            return null;
        var footer = new McapFields(tail);
        var (opcode, bytes, summaryAt) = ((McapOpcode)footer.Byte(), footer.UInt64(), footer.UInt64());
        _ = footer.UInt64();
        var checkedBytes = length - 8 - 4 - (long)Math.Min(summaryAt, long.MaxValue);
        if (opcode != McapOpcode.Footer || bytes != 20 || summaryAt < (ulong)start.End || checkedBytes is < Mcap.RecordHeadBytes or > MaxSummaryBytes)
            return null;

        var summary = new byte[checkedBytes];
        return file.TryRead((long)summaryAt, summary) && Crc32.HashToUInt32(summary) == footer.UInt32()
            ? Parse(file, start, length, (long)summaryAt, summary.AsSpan(0, summary.Length - Mcap.RecordHeadBytes - 16))
            : null;
    }

    private static SegmentEnd Parse(SafeFileHandle file, SegmentStart start, long length, long summaryAt, ReadOnlySpan<byte> summary)
    {
        var chunks = new List<ChunkPlace>();
        SegmentSummary? contents = null;
        var records = new McapFields(summary);
        while (!records.AtEnd)
        {
            var fields = new McapFields(records.Record(out var opcode));
            if (opcode == McapOpcode.ChunkIndex)
                chunks.Add(ReadChunkIndex(ref fields, after: chunks.Count > 0 ? chunks[^1].End : start.End, until: summaryAt));
            else if (opcode == McapOpcode.MetadataIndex && (fields.UInt64(), fields.UInt64(), fields.String()) is var (offset, _, name) && name == SegmentMetadata.ContentsName)
                contents = ReadContents(file, start, (long)Math.Min(offset, long.MaxValue), length);
        }

        return new SegmentEnd(chunks, contents ?? throw new InvalidDataException("The summary does not say where its contents are."));
    }

    private static SegmentSummary ReadContents(SafeFileHandle file, SegmentStart start, long offset, long length)
    {
        var record = offset > length ? null : file.ReadRecord(offset, MaxContentsBytes, McapOpcode.Metadata);
        return SegmentMetadata.ReadContents(record ?? throw new InvalidDataException("The record of what is in the segment is damaged."), start.Header, length);
    }

    private static ChunkPlace ReadChunkIndex(ref McapFields fields, long after, long until)
    {
        var (startTime, endTime, offset, length) = (fields.UInt64(), fields.UInt64(), fields.UInt64(), fields.UInt64());
        if (offset < (ulong)after || offset > (ulong)until || length is < Mcap.ChunkHeadBytes or > Mcap.MaxChunkBytes || length > (ulong)until - offset)
            throw new InvalidDataException("The summary speaks of a chunk where there can be none.");
        var places = new List<MessageIndexPlace>();
        var indexes = new McapFields(fields.Sized());
        while (!indexes.AtEnd)
            places.Add(new MessageIndexPlace(indexes.UInt16(), (long)indexes.UInt64()));
        return new ChunkPlace((long)offset, (long)length, startTime, endTime) { Indexes = places };
    }
}
