using System.Buffers;
using System.Text;

namespace Framewire.Protocol.Wire.Http2;

/// <summary>
/// Reads header blocks (RFC 7541), with the dynamic table and Huffman code. The blocks of a connection must all pass through here, in order: each may change
/// the table for the next. Owned by one connection; one thread.
/// </summary>
/// <remarks>A block that cannot be read is an <see cref="InvalidDataException"/>, after which the connection is of no use.</remarks>
internal sealed class HpackDecoder(int tableSize)
{
    private readonly HpackTable _table = new(tableSize);
    private readonly ArrayBufferWriter<byte> _text = new(256);

    /// <summary>Reads a block; <paramref name="found"/> is told of each header. Names and values are bytes, one to a character.</summary>
    public void Read(ReadOnlySpan<byte> block, Action<HpackEntry> found)
    {
        var begun = false;
        while (!block.IsEmpty)
        {
            var first = block[0];
            if ((first & 0b1110_0000) == 0b0010_0000)
            {
                // Only before the first header of a block (section 4.2).
                if (begun || !_table.TryResize(ReadNumber(ref block, 5)))
                    throw new InvalidDataException("The size of the header table is changed to more than allowed, or within a block.");
                continue;
            }
            begun = true;
            found(ReadEntry(first, ref block));
        }
    }

    private HpackEntry ReadEntry(byte first, ref ReadOnlySpan<byte> block)
    {
        if ((first & 0b1000_0000) != 0)
            return Entry(ReadNumber(ref block, 7));
        var remember = (first & 0b0100_0000) != 0;
        var number = ReadNumber(ref block, remember ? 6 : 4);
        var name = number == 0 ? ReadText(ref block) : Entry(number).Name;
        var entry = new HpackEntry(name, ReadText(ref block));
        if (remember)
            _table.Add(entry);
        return entry;
    }

    private HpackEntry Entry(int number) =>
        _table.TryGet(number, out var entry) ? entry : throw new InvalidDataException($"There is no header of number {number}.");

    private string ReadText(ref ReadOnlySpan<byte> block)
    {
        if (block.IsEmpty)
            throw CutShort();
        var isHuffman = (block[0] & 0b1000_0000) != 0;
        var length = ReadNumber(ref block, 7);
        if (length > block.Length)
            throw CutShort();
        var coded = block[..length];
        block = block[length..];
        if (!isHuffman)
            return Encoding.Latin1.GetString(coded);
        _text.ResetWrittenCount();
        return HuffmanCode.TryDecode(coded, _text) ? Encoding.Latin1.GetString(_text.WrittenSpan) : throw new InvalidDataException("A header's Huffman code is broken.");
    }

    /// <summary>An integer whose first bits stand in the first byte (section 5.1).</summary>
    private static int ReadNumber(ref ReadOnlySpan<byte> block, int prefixBits)
    {
        if (block.IsEmpty)
            throw CutShort();
        var most = (1 << prefixBits) - 1;
        var number = block[0] & most;
        block = block[1..];
        if (number < most)
            return number;
        // No length or number of ours needs more than four bytes.
        for (var shift = 0; shift < 28; shift += 7)
        {
            if (block.IsEmpty)
                throw CutShort();
            var next = block[0];
            block = block[1..];
            number += (next & 0x7F) << shift;
            if (next < 0x80)
                return number;
        }
        throw new InvalidDataException("A number in the headers is too large.");
    }

    private static InvalidDataException CutShort() => new("The headers are cut short.");
}
