using System.Buffers;
using System.Text;

namespace Framewire.Protocol.Wire;

/// <summary>The value of <c>grpc-message</c>, both ways. Pure functions, any thread.</summary>
/// <remarks>
/// PROTOCOL-HTTP2.md, "Responses": UTF-8, then percent-encoding of all but the visible ASCII characters and the blank, and of "%" itself.
/// <code>
///   Percent-Byte-Unencoded = %x20-24 / %x26-7E     ; blank and VCHAR, without "%"
///   Percent-Byte-Encoded   = "%" 2HEXDIGIT
/// </code>
/// A decoder must not fail on broken values and must not lose the status: what cannot be decoded stays as it is.
/// </remarks>
internal static class StatusMessage
{
    private static readonly SearchValues<char> Plain = SearchValues.Create(
        " !\"#$&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~");

    public static string Encode(string message)
    {
        if (!message.AsSpan().ContainsAnyExcept(Plain))
            return message;
        var encoded = new StringBuilder(message.Length + 16);
        foreach (var value in Encoding.UTF8.GetBytes(message))
        {
            if (value is >= 0x20 and <= 0x7E and not (byte)'%')
                encoded.Append((char)value);
            else
                encoded.Append('%').Append(value.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
        }
        return encoded.ToString();
    }

    public static string Decode(string encoded)
    {
        if (!encoded.Contains('%'))
            return encoded;
        var bytes = new ArrayBufferWriter<byte>(encoded.Length);
        for (var i = 0; i < encoded.Length; i++)
        {
            if (encoded[i] == '%' && i + 2 < encoded.Length && char.IsAsciiHexDigit(encoded[i + 1]) && char.IsAsciiHexDigit(encoded[i + 2]))
            {
                bytes.Write([Convert.FromHexString(encoded.AsSpan(i + 1, 2))[0]]);
                i += 2;
            }
            else
            {
                Encoding.UTF8.GetBytes(encoded.AsSpan(i, 1), bytes);
            }
        }
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }
}
