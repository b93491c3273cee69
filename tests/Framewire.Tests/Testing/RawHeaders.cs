using System.Text;

namespace Framewire.Tests.Testing;

/// <summary>HPACK (RFC 7541) as far as the tests need it: writes literals only; reads whatever a server sends that was told to keep no dynamic table. Pure functions.</summary>
internal static class RawHeaders
{
    // RFC 7541 appendix A, from 1 on.
    private static readonly (string Name, string Value)[] StaticTable =
    [
        (":authority", ""), (":method", "GET"), (":method", "POST"), (":path", "/"), (":path", "/index.html"), (":scheme", "http"), (":scheme", "https"),
        (":status", "200"), (":status", "204"), (":status", "206"), (":status", "304"), (":status", "400"), (":status", "404"), (":status", "500"),
        ("accept-charset", ""), ("accept-encoding", "gzip, deflate"), ("accept-language", ""), ("accept-ranges", ""), ("accept", ""),
        ("access-control-allow-origin", ""), ("age", ""), ("allow", ""), ("authorization", ""), ("cache-control", ""), ("content-disposition", ""),
        ("content-encoding", ""), ("content-language", ""), ("content-length", ""), ("content-location", ""), ("content-range", ""), ("content-type", ""),
        ("cookie", ""), ("date", ""), ("etag", ""), ("expect", ""), ("expires", ""), ("from", ""), ("host", ""), ("if-match", ""), ("if-modified-since", ""),
        ("if-none-match", ""), ("if-range", ""), ("if-unmodified-since", ""), ("last-modified", ""), ("link", ""), ("location", ""), ("max-forwards", ""),
        ("proxy-authenticate", ""), ("proxy-authorization", ""), ("range", ""), ("referer", ""), ("refresh", ""), ("retry-after", ""), ("server", ""),
        ("set-cookie", ""), ("strict-transport-security", ""), ("transfer-encoding", ""), ("user-agent", ""), ("vary", ""), ("via", ""), ("www-authenticate", ""),
    ];

    /// <summary>Every header as a literal without indexing (section 6.2.2), without Huffman coding.</summary>
    public static byte[] Write(IEnumerable<(string Name, string Value)> headers)
    {
        var block = new List<byte>();
        foreach (var (name, value) in headers)
        {
            block.Add(0);
            WriteText(block, name);
            WriteText(block, value);
        }
        return [.. block];
    }

    public static List<(string Name, string Value)> Read(ReadOnlySpan<byte> block)
    {
        var headers = new List<(string, string)>();
        while (block.Length > 0)
        {
            var first = block[0];
            if (first >= 0x80)
            {
                headers.Add(StaticTable[ReadNumber(ref block, 7) - 1]);
            }
            else if ((first & 0xE0) == 0x20)
            {
                ReadNumber(ref block, 5); // A change of the table's size: it stays empty.
            }
            else
            {
                var index = ReadNumber(ref block, first >= 0x40 ? 6 : 4);
                var name = index == 0 ? ReadText(ref block) : StaticTable[index - 1].Name;
                headers.Add((name, ReadText(ref block)));
            }
        }
        return headers;
    }

    private static void WriteText(List<byte> block, string text)
    {
        var bytes = Encoding.Latin1.GetBytes(text);
        if (bytes.Length < 127)
        {
            block.Add((byte)bytes.Length);
        }
        else
        {
            block.Add(127);
            var rest = bytes.Length - 127;
            for (; rest >= 128; rest >>= 7)
                block.Add((byte)(rest | 0x80));
            block.Add((byte)rest);
        }
        block.AddRange(bytes);
    }

    private static int ReadNumber(ref ReadOnlySpan<byte> block, int bits)
    {
        var mask = (1 << bits) - 1;
        var value = block[0] & mask;
        block = block[1..];
        if (value < mask)
            return value;
        for (var shift = 0; ; shift += 7)
        {
            var next = block[0];
            block = block[1..];
            value += (next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }
    }

    private static string ReadText(ref ReadOnlySpan<byte> block)
    {
        if (block[0] >= 0x80)
            throw new NotSupportedException("The server uses Huffman coding, which this test client does not read.");
        var length = ReadNumber(ref block, 7);
        var text = Encoding.Latin1.GetString(block[..length]);
        block = block[length..];
        return text;
    }
}
