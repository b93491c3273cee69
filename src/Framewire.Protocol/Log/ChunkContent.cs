using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;
using Framewire.Protocol.Contracts;
using Framewire.Protocol.Video;
using Google.Protobuf;
using Microsoft.Win32.SafeHandles;

namespace Framewire.Protocol.Log;

/// <summary>A frame or a gap in a chunk. The picture, if it is a frame, lies in the chunk's buffer.</summary>
internal readonly record struct ChunkItem(V1.Frame? Note, ReadOnlyMemory<byte> Picture, LogGap Gap, ulong LogTime)
{
    /// <summary>The entry; the caller holds the frame in it.</summary>
    public LogEntry ToEntry() => Note is null
        ? new LogEntry.Missing(Gap)
        : new LogEntry.Picture(FrameCoding.WithFields(FrameFields.Of(Note), FrameBuffer.CopyOf(Picture.Span)));
}

/// <summary>A chunk that was read, found whole, and taken apart. Whoever loaded it disposes of it, which returns its buffer. Not thread-safe.</summary>
internal sealed class ChunkContent : IDisposable
{
    private readonly byte[] _buffer;
    private readonly List<ChunkItem> _items = [];
    private readonly List<FrameResults> _results = [];

    private ChunkContent(byte[] buffer) => _buffer = buffer;

    /// <summary>Its frames and gaps.</summary>
    public IReadOnlyList<ChunkItem> Items => _items;

    /// <summary>Its results; they do not lie in the buffer.</summary>
    public IReadOnlyList<FrameResults> Results => _results;

    /// <summary>Where its messages are.</summary>
    public MessageIndexes Indexes { get; } = new();

    /// <summary>The first frame's sequence; null without one.</summary>
    public ulong? FirstSequence => _items.Find(item => item.Note is not null).Note?.Sequence;

    /// <summary>Reads a chunk.</summary>
    /// <returns>Null with the reason, if it is damaged.</returns>
    public static ChunkContent? TryLoad(SafeFileHandle file, ChunkPlace place, Codec codec, out string? damage)
    {
        var content = new ChunkContent(ArrayPool<byte>.Shared.Rent((int)place.Length));
        try
        {
            damage = content.Load(file, place, codec);
        }
        catch (Exception e) when (e is InvalidDataException or InvalidProtocolBufferException)
        {
            damage = $"it cannot be understood: {e.Message}";
        }
        catch
        {
            content.Dispose();
            throw;
        }

        if (damage is null)
            return content;
        content.Dispose();
        return null;
    }

    /// <summary>The length that a chunk's head says, if every field of it fits.</summary>
    /// <param name="head"><see cref="Mcap.ChunkHeadBytes"/> bytes.</param>
    /// <returns>The record's length with its head; null if this is not the head of a chunk of ours.</returns>
    public static long? LengthIn(ReadOnlySpan<byte> head)
    {
        var (opcode, length) = Mcap.ReadHead(head);
        var records = BinaryPrimitives.ReadUInt64LittleEndian(head[25..]);
        return opcode == McapOpcode.Chunk
            && records <= Mcap.MaxChunkBytes - Mcap.ChunkHeadBytes
            && length == Mcap.ChunkHeadBytes - Mcap.RecordHeadBytes + records
            && BinaryPrimitives.ReadUInt32LittleEndian(head[37..]) == 0
            && BinaryPrimitives.ReadUInt64LittleEndian(head[41..]) == records
            ? Mcap.ChunkHeadBytes + (long)records
            : null;
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);

    private string? Load(SafeFileHandle file, ChunkPlace place, Codec codec)
    {
        var chunk = _buffer.AsMemory(0, (int)place.Length);
        if (!file.TryRead(place.Offset, chunk.Span))
            return "the file ends in it";
        if (LengthIn(chunk.Span) != place.Length)
            return "its head is damaged";
        var records = chunk[Mcap.ChunkHeadBytes..];
        if (Crc32.HashToUInt32(records.Span) != BinaryPrimitives.ReadUInt32LittleEndian(chunk.Span[33..]))
            return "its CRC does not fit";
        TakeApart(records, SegmentChannels.PictureField(codec));
        return null;
    }

    /// <summary>A note waits for its picture, which is the next message.</summary>
    private void TakeApart(ReadOnlyMemory<byte> records, int pictureField)
    {
        var fields = new McapFields(records.Span);
        V1.Frame? note = null;
        while (!fields.AtEnd)
        {
            var at = records.Length - fields.Left;
            var message = new McapFields(fields.Record(out var opcode));
            var (channel, _, logTime, _) = (message.UInt16(), message.UInt32(), message.UInt64(), message.UInt64());
            if (opcode != McapOpcode.Message || channel is 0 or > SegmentChannels.Count || note is not null != (channel == SegmentChannels.Pictures))
                throw new InvalidDataException("It has a record where there should be none.");

            Indexes.Add(channel, logTime, at);
            var content = records.Slice(at + Mcap.MessageHeadBytes, message.Left);
            if (channel == SegmentChannels.Gaps)
                _items.Add(new ChunkItem(null, default, GapCoding.FromWire(V1.RecordedGap.Parser.ParseFrom(content.Span)), logTime));
            else if (channel == SegmentChannels.Pictures)
                _items.Add(new ChunkItem(note, PictureIn(content, pictureField), default, logTime));
            else if (channel == SegmentChannels.Results)
                _results.Add(ResultCoding.FromWire(V1.FrameResults.Parser.ParseFrom(content.Span)));
            note = channel == SegmentChannels.Notes ? V1.Frame.Parser.ParseFrom(content.Span) : null;
        }

        if (note is not null)
            throw new InvalidDataException("A frame has no picture.");
    }

    private static ReadOnlyMemory<byte> PictureIn(ReadOnlyMemory<byte> message, int field) =>
        LengthDelimitedField.TrySplit(new ReadOnlySequence<byte>(message), field, out _, out var picture, out _)
            ? picture.First
            : throw new InvalidDataException("A picture is missing.");
}
