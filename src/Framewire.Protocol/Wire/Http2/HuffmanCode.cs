using System.Buffers;

namespace Framewire.Protocol.Wire.Http2;

/// <summary>The Huffman code of header strings (RFC 7541 section 5.2 and appendix B), decoding only. Pure, any thread.</summary>
internal static class HuffmanCode
{
    private const int EndOfString = 256;
    private const int LongestCode = 30;

    /// <summary>The length of each symbol's code in bits. The code is canonical: shorter before longer, then by symbol, so the lengths say it all.</summary>
    private static ReadOnlySpan<byte> Lengths =>
    [
        13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
        6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
        13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
        15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
        20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
        22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
        26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
        20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
        30,
    ];

    /// <summary>The symbols in the order of their codes.</summary>
    private static readonly short[] Symbols = [.. Enumerable.Range(0, EndOfString + 1).OrderBy(symbol => Lengths[symbol]).Select(symbol => (short)symbol)];

    /// <summary>For each length: the first code of that length, how many there are, and the place of the first one in <see cref="Symbols"/>.</summary>
    private static readonly (uint First, int Count, int Place)[] Codes = MakeCodes();

    /// <summary>Decodes a string into <paramref name="text"/>. False if the bits are not a string: a wrong or too long padding, or the end-of-string symbol in it.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> coded, IBufferWriter<byte> text)
    {
        uint code = 0;
        var bits = 0;
        // The shortest code has five bits.
        var decoded = text.GetSpan((coded.Length * 8 / 5) + 1);
        var length = 0;
        foreach (var eight in coded)
        {
            for (var bit = 7; bit >= 0; bit--)
            {
                code = (code << 1) | (uint)((eight >> bit) & 1);
                if (++bits > LongestCode)
                    return false;
                var (first, count, place) = Codes[bits];
                if (code - first >= (uint)count)
                    continue;
                var symbol = Symbols[place + (int)(code - first)];
                if (symbol == EndOfString)
                    return false;
                decoded[length++] = (byte)symbol;
                (code, bits) = (0, 0);
            }
        }
        text.Advance(length);
        // Padding: the first bits of the end-of-string code, which are ones, and fewer than eight of them.
        return bits < 8 && code == (1u << bits) - 1;
    }

    private static (uint First, int Count, int Place)[] MakeCodes()
    {
        var codes = new (uint First, int Count, int Place)[LongestCode + 1];
        var (next, place) = (0u, 0);
        for (var length = 1; length <= LongestCode; length++)
        {
            next <<= 1;
            var count = Lengths.Count((byte)length);
            codes[length] = (next, count, place);
            next += (uint)count;
            place += count;
        }
        return codes;
    }
}
