using System.Text;

namespace Framewire.Protocol.Wire;

/// <summary>The server's first bytes are not HTTP/2's. Immutable; owned by whoever catches it.</summary>
/// <param name="start">The first bytes that came; only a few are looked at.</param>
public sealed class NotHttp2Exception(ReadOnlySpan<byte> start) : IOException($"The server's first bytes are \"{Printable(start)}\", not HTTP/2.")
{
    private const int TlsAlert = 21;

    /// <summary>Whether they are TLS's way of saying that it does not understand.</summary>
    public bool IsTls { get; } = start.Length >= 2 && start[0] == TlsAlert && start[1] == 3;

    /// <summary>Whether they are an answer in HTTP/1.</summary>
    public bool IsHttp1 { get; } = start.StartsWith("HTTP/1"u8);

    private static string Printable(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        foreach (var value in bytes[..Math.Min(bytes.Length, 16)])
            text.Append(value is >= 0x20 and < 0x7f ? ((char)value).ToString() : $"\\x{value:x2}");
        return text.ToString();
    }
}
