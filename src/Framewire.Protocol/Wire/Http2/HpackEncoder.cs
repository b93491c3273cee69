using System.Buffers;
using System.Text;

namespace Framewire.Protocol.Wire.Http2;

/// <summary>
/// Writes header blocks (RFC 7541) without remembering anything: no dynamic table to keep in step, and a call has but one. Pure, any thread.
/// </summary>
internal static class HpackEncoder
{
    private const byte NeverIndexed = 0b0001_0000;
    private const int MethodPost = 3, SchemeHttp = 6, SchemeHttps = 7, Path = 4, Authority = 1;

    /// <summary>The headers of a call.</summary>
    public static void WriteRequest(IBufferWriter<byte> block, bool tls, string authority, RequestHead head)
    {
        WriteNumber(block, 0b1000_0000, 7, MethodPost);
        WriteNumber(block, 0b1000_0000, 7, tls ? SchemeHttps : SchemeHttp);
        WriteLiteral(block, Path, head.Path);
        WriteLiteral(block, Authority, authority);
        foreach (var (name, value) in head.Headers)
        {
            // Never to be remembered by a middle box either (section 7.1.3): who watches its tables could guess it.
            WriteNumber(block, (byte)(name == "authorization" ? NeverIndexed : 0), 4, 0);
            WriteText(block, name);
            WriteText(block, value);
        }
    }

    /// <summary>A literal that is not remembered, with the name of a static entry (section 6.2.2).</summary>
    private static void WriteLiteral(IBufferWriter<byte> block, int nameOf, string value)
    {
        WriteNumber(block, 0, 4, nameOf);
        WriteText(block, value);
    }

    private static void WriteText(IBufferWriter<byte> block, string text)
    {
        WriteNumber(block, 0, 7, text.Length);
        Encoding.Latin1.GetBytes(text, block);
    }

    private static void WriteNumber(IBufferWriter<byte> block, byte pattern, int prefixBits, int number)
    {
        var most = (1 << prefixBits) - 1;
        if (number < most)
        {
            block.Write([(byte)(pattern | number)]);
            return;
        }
        block.Write([(byte)(pattern | most)]);
        for (number -= most; number >= 0x80; number >>= 7)
            block.Write([(byte)(number | 0x80)]);
        block.Write([(byte)number]);
    }
}
