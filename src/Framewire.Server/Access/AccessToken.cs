using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Framewire.Server.Access;

/// <summary>
/// A token: <c>fw_ID_SECRET</c>. The id finds its entry, the secret is 32 random bytes; no file has more of it than its SHA-256, which needs no salt and no
/// slowness: nobody guesses 256 bits. Immutable.
/// </summary>
/// <param name="Id">8 of a-z and 2-7.</param>
/// <param name="Text">All of it: what its holder keeps secret.</param>
public sealed partial record AccessToken(string Id, string Text)
{
    /// <summary>Characters of an id.</summary>
    public const int IdLength = 8;

    private const string IdLetters = "abcdefghijklmnopqrstuvwxyz234567";
    private const int SecretBytes = 32;
    private const int MostLength = 128;

    /// <summary>By what the file of tokens recognizes it.</summary>
    public string Sha256 => Convert.ToHexStringLower(Hash());

    /// <summary>A new one.</summary>
    public static AccessToken Create()
    {
        var id = RandomNumberGenerator.GetString(IdLetters, IdLength);
        return new AccessToken(id, $"fw_{id}_{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes))}");
    }

    /// <summary>An id for an entry that is known by something else.</summary>
    public static string CreateId() => RandomNumberGenerator.GetString(IdLetters, IdLength);

    /// <summary>Takes apart what a caller gives; null if it is no token at all.</summary>
    public static AccessToken? Parse(string text) =>
        text.Length <= MostLength && Pattern().Match(text) is { Success: true } match ? new AccessToken(match.Groups[1].Value, text) : null;

    /// <summary>Whether a text can be the id of an entry.</summary>
    public static bool IsId(string text) => text.Length == IdLength && text.All(IdLetters.Contains);

    /// <summary>Whether it is the one that an entry is for; takes the same time whichever byte is wrong.</summary>
    internal bool IsOf(Grant grant) => grant.Sha256 is { } hash && CryptographicOperations.FixedTimeEquals(Hash(), Convert.FromHexString(hash));

    /// <summary>Never the secret, wherever it is printed.</summary>
    public override string ToString() => $"fw_{Id}_…";

    internal static string Printable(string text) => string.Concat(text.Take(40).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));

    private byte[] Hash() => SHA256.HashData(Encoding.ASCII.GetBytes(Text));

    [GeneratedRegex(@"\Afw_([a-z2-7]{8})_[A-Za-z0-9_-]{43}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
