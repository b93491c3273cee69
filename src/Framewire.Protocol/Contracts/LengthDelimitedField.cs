using System.Buffers;

namespace Framewire.Protocol.Contracts;

/// <summary>
/// Finds one length-delimited field in a protobuf message without copying it, so that a picture never passes through a
/// <c>ByteString</c>. Pure.
/// </summary>
/// <remarks>
/// https://protobuf.dev/programming-guides/encoding/
/// <code>
///   +-----------------------------+----------------------------------------------------+
///   | tag: varint                 | value                                              |
///   |  field number &lt;&lt; 3 | type    |  type 0: varint   1: 8 bytes   5: 4 bytes           |
///   |                             |  type 2: length (varint), then that many bytes     |
///   +-----------------------------+----------------------------------------------------+
/// </code>
/// </remarks>
internal static class LengthDelimitedField
{
    private const int MaxVarintBytes = 10;

    /// <summary>
    /// Splits <paramref name="message"/> at the last occurrence of <paramref name="field"/>, which is the one that counts for protobuf.
    /// </summary>
    /// <param name="message">The whole message.</param>
    /// <param name="field">The field's number.</param>
    /// <param name="before">Everything in front of the field.</param>
    /// <param name="content">The field's content; empty if the field is not there.</param>
    /// <param name="after">Everything behind the field.</param>
    /// <returns>Whether the field is there.</returns>
    /// <exception cref="InvalidDataException">The bytes are not a protobuf message.</exception>
    public static bool TrySplit(
        in ReadOnlySequence<byte> message,
        int field,
        out ReadOnlySequence<byte> before,
        out ReadOnlySequence<byte> content,
        out ReadOnlySequence<byte> after)
    {
        (before, content, after) = (message, default, default);
        var found = false;
        var reader = new SequenceReader<byte>(message);
        while (!reader.End)
        {
            var start = reader.Position;
            var tag = ReadVarint(ref reader);
            if (!TrySkipValue(ref reader, (int)(tag & 7), out var value))
                throw new InvalidDataException($"A protobuf field (tag {tag}) runs past the end of its message.");
            if (tag != (((ulong)field << 3) | 2))
                continue;

            found = true;
            before = message.Slice(0, start);
            content = value;
            after = message.Slice(reader.Position);
        }

        return found;
    }

    /// <summary>Finds the field in a message of which only the start is there, if the field is the last one.</summary>
    /// <param name="start">The start of the message.</param>
    /// <param name="length">How long the whole message is.</param>
    /// <param name="field">The field's number.</param>
    /// <param name="before">Everything in front of the field.</param>
    /// <param name="content">Where the field's content begins; it ends with the message.</param>
    /// <exception cref="InvalidDataException">The bytes are not a protobuf message.</exception>
    public static bool TryFindLast(in ReadOnlySequence<byte> start, long length, int field, out ReadOnlySequence<byte> before, out long content)
    {
        (before, content) = (default, 0);
        var reader = new SequenceReader<byte>(start);
        while (reader.Remaining > 2 * MaxVarintBytes)
        {
            var at = reader.Position;
            var tag = ReadVarint(ref reader);
            if (tag != (((ulong)field << 3) | 2))
            {
                if (!TrySkipValue(ref reader, (int)(tag & 7), out _))
                    return false;
                continue;
            }

            var bytes = ReadVarint(ref reader);
            (before, content) = (start.Slice(0, at), reader.Consumed);
            return bytes == (ulong)(length - content);
        }

        return false;
    }

    /// <summary>Writes a tag or a length.</summary>
    public static void WriteVarint(IBufferWriter<byte> head, ulong value)
    {
        var span = head.GetSpan(MaxVarintBytes);
        var length = 0;
        for (; value >= 0x80; value >>= 7)
            span[length++] = (byte)(value | 0x80);
        span[length++] = (byte)value;
        head.Advance(length);
    }

    /// <summary>How many bytes <see cref="WriteVarint"/> takes.</summary>
    public static int VarintSize(ulong value)
    {
        var size = 1;
        for (; value >= 0x80; value >>= 7)
            size++;
        return size;
    }

    /// <summary>Reads a tag, a length or a number.</summary>
    /// <exception cref="InvalidDataException">It is cut short, or longer than a number can be.</exception>
    public static ulong ReadVarint(ref SequenceReader<byte> reader)
    {
        var value = 0ul;
        for (var i = 0; i < MaxVarintBytes; i++)
        {
            if (!reader.TryRead(out var next))
                throw new InvalidDataException("A protobuf message ends in the middle of a number.");
            value |= (ulong)(next & 0x7F) << (7 * i);
            if (next < 0x80)
                return value;
        }

        throw new InvalidDataException("A protobuf number is longer than 10 bytes.");
    }

    private static bool TrySkipValue(ref SequenceReader<byte> reader, int type, out ReadOnlySequence<byte> value)
    {
        value = default;
        switch (type)
        {
            case 0:
                ReadVarint(ref reader);
                return true;
            case 1:
                return reader.TryReadExact(8, out value);
            case 5:
                return reader.TryReadExact(4, out value);
            case 2:
                var length = ReadVarint(ref reader);
                return length <= int.MaxValue && reader.TryReadExact((int)length, out value);
            default:
                throw new InvalidDataException($"A protobuf field has wire type {type}, which proto3 does not know.");
        }
    }
}
