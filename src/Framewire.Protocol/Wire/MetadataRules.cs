using System.Buffers;
using System.Buffers.Text;

namespace Framewire.Protocol.Wire;

/// <summary>What may stand in metadata, and how bytes travel in it (PROTOCOL-HTTP2.md, "Custom-Metadata"). Pure functions, any thread.</summary>
internal static class MetadataRules
{
    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_-.");

    public static bool IsName(string name) => name.Length > 0 && !name.AsSpan().ContainsAnyExcept(NameCharacters);

    /// <summary>Printable ASCII, blanks included.</summary>
    public static bool IsText(string value) => !value.AsSpan().ContainsAnyExceptInRange(' ', '~');

    public static bool IsBinary(string name) => name.EndsWith("-bin", StringComparison.OrdinalIgnoreCase);

    /// <summary>Belongs to gRPC or HTTP/2 itself and is neither sent for nor shown to the application.</summary>
    public static bool IsReserved(string name) =>
        name.StartsWith("grpc-", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith(':')
        || name.ToUpperInvariant() is "TE" or "CONTENT-TYPE" or "CONTENT-LENGTH" or "TRANSFER-ENCODING" or "CONNECTION" or "HOST" or "KEEP-ALIVE"
            or "UPGRADE" or "PROXY-CONNECTION" or "TRAILER";

    /// <summary>Base64 without padding, as the protocol asks senders to write.</summary>
    public static string EncodeBinary(ReadOnlySpan<byte> value) => Convert.ToBase64String(value).TrimEnd('=');

    /// <summary>Base64 with or without padding; blanks around it are not part of it.</summary>
    public static bool TryDecodeBinary(string text, out byte[] value)
    {
        var digits = text.AsSpan().Trim().TrimEnd('=');
        value = [];
        if (digits.Length % 4 == 1)
            return false;
        Span<char> padded = digits.Length <= 1024 ? stackalloc char[1028] : new char[digits.Length + 3];
        digits.CopyTo(padded);
        padded[digits.Length..].Fill('=');
        padded = padded[..((digits.Length + 3) / 4 * 4)];
        var bytes = new byte[padded.Length / 4 * 3];
        if (!Base64.IsValid(padded) || !Convert.TryFromBase64Chars(padded, bytes, out var written))
            return false;
        value = bytes[..written];
        return true;
    }
}
