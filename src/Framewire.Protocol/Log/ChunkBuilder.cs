using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;
using Framewire.Protocol.Contracts;
using Framewire.Protocol.Video;
using Google.Protobuf;

namespace Framewire.Protocol.Log;

/// <summary>A chunk and its MessageIndexes, ready to be written: in pieces, as the pictures stay where they are.</summary>
/// <param name="Pieces">The bytes, in order. Valid until the builder builds the next one.</param>
/// <param name="Place">Where it will be.</param>
internal readonly record struct BuiltChunk(IReadOnlyList<ReadOnlyMemory<byte>> Pieces, ChunkPlace Place)
{
    /// <summary>The length of all pieces.</summary>
    public long Bytes => Place.Length + Place.IndexBytes;
}

/// <summary>Builds chunks. Owned by one writer; not thread-safe.</summary>
/// <remarks>
/// https://mcap.dev/spec#chunk-op0x06, https://mcap.dev/spec#message-op0x05
/// <code>
///   Chunk     | 06 | u64 length | u64 first log time | u64 last log time | u64 bytes of records | u32 their CRC |
///             | u32 0: no compression | u64 bytes of records | records: messages ...
///   Message   | 05 | u64 length | u16 channel | u32 sequence | u64 log time | u64 publish time | a protobuf message
/// </code>
/// A frame's note, its picture's head and the next ones' lie in one buffer; between them go the pictures, straight from their own.
/// </remarks>
internal sealed class ChunkBuilder(SegmentHeader header)
{
    private readonly byte[] _chunkHead = new byte[Mcap.ChunkHeadBytes];
    private readonly ArrayBufferWriter<byte> _small = new(16 * 1024);
    private readonly List<(int SmallEnd, ReadOnlyMemory<byte> Picture)> _pictures = [];
    private readonly MessageIndexes _indexes = new();
    private readonly int _pictureTag = (SegmentChannels.PictureField(header.Format.Codec) << 3) | 2;
    private ulong _logTime;
    private long _pictureBytes;

    private long RecordsBytes => _small.WrittenCount + _pictureBytes;

    /// <summary>Builds the chunk of these entries.</summary>
    /// <param name="entries">One or more.</param>
    /// <param name="at">The offset in the file at which it will be.</param>
    /// <param name="after">The log time of the frame or gap before; none of the chunk is lower.</param>
    /// <exception cref="ArgumentException">It would be larger than a reader takes.</exception>
    public BuiltChunk Build(IReadOnlyList<LogEntry> entries, long at, ulong after)
    {
        Begin(after);
        for (var i = 0; i < entries.Count; i++)
        {
            if (entries[i] is LogEntry.Picture { Frame: var frame })
                Add(frame);
            else if (entries[i] is LogEntry.Missing { Gap: var gap })
                Add(gap, entries.Skip(i + 1).OfType<LogEntry.Picture>().FirstOrDefault()?.Frame);
            else if (entries[i] is LogEntry.Results { Of: var results })
                Add(results);
        }

        if (RecordsBytes > Mcap.MaxChunkBytes - Mcap.ChunkHeadBytes)
            throw new ArgumentException($"{entries.Count} entries have {RecordsBytes} bytes together, more than the {Mcap.MaxChunkBytes} of a chunk; append fewer at once.", nameof(entries));
        return Finish(at);
    }

    private void Begin(ulong after)
    {
        _small.ResetWrittenCount();
        _pictures.Clear();
        _indexes.Clear();
        (_logTime, _pictureBytes) = (after, 0);
    }

    private void Add(Frame frame)
    {
        _logTime = Math.Max(_logTime, LogTime.Of(frame.CapturedAt));
        var published = LogTime.Of(frame.ReceivedAt == default ? frame.CapturedAt : frame.ReceivedAt);
        var note = FrameCoding.FieldsOf(frame);
        BeginMessage(SegmentChannels.Notes, frame.Sequence, published, note.CalculateSize());
        note.WriteTo(_small);

        var fields = PictureCoding.FieldsOf(frame, header);
        var bytes = (ulong)frame.Payload.Length;
        var ownBytes = LengthDelimitedField.VarintSize((ulong)_pictureTag) + LengthDelimitedField.VarintSize(bytes) + frame.Payload.Length;
        BeginMessage(SegmentChannels.Pictures, frame.Sequence, published, fields.CalculateSize() + ownBytes);
        fields.WriteTo(_small);
        LengthDelimitedField.WriteVarint(_small, (ulong)_pictureTag);
        LengthDelimitedField.WriteVarint(_small, bytes);
        _pictures.Add((_small.WrittenCount, frame.Payload));
        _pictureBytes += frame.Payload.Length;
    }

    /// <summary>A gap's log time is when it begins, or else the nearest that is known.</summary>
    private void Add(LogGap gap, Frame? next)
    {
        var begins = gap.From != default ? gap.From
            : gap.Until != default ? gap.Until
            : next?.CapturedAt ?? (_logTime == 0 ? header.SessionStartedAt : default);
        _logTime = Math.Max(_logTime, LogTime.Of(begins));
        var note = GapCoding.ToWire(gap);
        BeginMessage(SegmentChannels.Gaps, gap.Gap.First, _logTime, note.CalculateSize());
        note.WriteTo(_small);
    }

    /// <summary>Their log time is the frame's, however late they come: no decoder asks for their order, and so a reader shows them with it.</summary>
    private void Add(FrameResults results)
    {
        _logTime = LogTime.Of(results.CapturedAt);
        var note = ResultCoding.ToWire(results);
        BeginMessage(SegmentChannels.Results, results.Sequence, _logTime, note.CalculateSize());
        note.WriteTo(_small);
        if (results.Session != header.Session)
            return; // what the pictures of another session look like is not known here
        var annotations = AnnotationCoding.Of(results, header.Format);
        BeginMessage(SegmentChannels.Annotations, results.Sequence, _logTime, annotations.CalculateSize());
        annotations.WriteTo(_small);
    }

    private void BeginMessage(ushort channel, ulong sequence, ulong published, int contentBytes)
    {
        _indexes.Add(channel, _logTime, RecordsBytes);
        _small.PutRecordHead(McapOpcode.Message, Mcap.MessageHeadBytes - Mcap.RecordHeadBytes + contentBytes);
        _small.PutUInt16(channel);
        _small.PutUInt32((uint)sequence);
        _small.PutUInt64(_logTime);
        _small.PutUInt64(published);
    }

    private BuiltChunk Finish(long at)
    {
        var recordsBytes = RecordsBytes;
        var smallBytes = _small.WrittenCount;
        var length = Mcap.ChunkHeadBytes + recordsBytes;
        var indexes = _indexes.Write(_small, at + length);
        var pieces = new List<ReadOnlyMemory<byte>>((2 * _pictures.Count) + 3) { _chunkHead };
        var from = 0;
        foreach (var (end, picture) in _pictures)
        {
            pieces.Add(_small.WrittenMemory[from..end]);
            pieces.Add(picture);
            from = end;
        }

        if (from < smallBytes)
            pieces.Add(_small.WrittenMemory[from..smallBytes]);
        WriteChunkHead(recordsBytes, ChecksumOf(pieces));
        pieces.Add(_small.WrittenMemory[smallBytes..]);
        return new BuiltChunk(pieces, new ChunkPlace(at, length, _indexes.StartTime, _indexes.EndTime)
        {
            Indexes = indexes,
            IndexBytes = _small.WrittenCount - smallBytes,
        });
    }

    private static uint ChecksumOf(List<ReadOnlyMemory<byte>> pieces)
    {
        var crc = new Crc32();
        foreach (var piece in pieces.Skip(1))
            crc.Append(piece.Span);
        return crc.GetCurrentHashAsUInt32();
    }

    private void WriteChunkHead(long recordsBytes, uint checksum)
    {
        var head = _chunkHead.AsSpan();
        head[0] = (byte)McapOpcode.Chunk;
        BinaryPrimitives.WriteInt64LittleEndian(head[1..], Mcap.ChunkHeadBytes - Mcap.RecordHeadBytes + recordsBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(head[9..], _indexes.StartTime);
        BinaryPrimitives.WriteUInt64LittleEndian(head[17..], _indexes.EndTime);
        BinaryPrimitives.WriteInt64LittleEndian(head[25..], recordsBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(head[33..], checksum);
        BinaryPrimitives.WriteUInt32LittleEndian(head[37..], 0);
        BinaryPrimitives.WriteInt64LittleEndian(head[41..], recordsBytes);
    }
}
