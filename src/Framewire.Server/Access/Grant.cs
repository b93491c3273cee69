using System.IO.Enumeration;
using System.Text.Json.Serialization;

namespace Framewire.Server.Access;

/// <summary>
/// One entry of the file of tokens: who it is for, how it is known, and what it may do. There is no secret in it, only what a secret is recognized by.
/// Immutable.
/// </summary>
public sealed record Grant
{
    /// <summary>The part of a token that is no secret, by which it is found; also what it is called in logs.</summary>
    public required string Id { get; init; }

    /// <summary>Whom or what it is for, for people.</summary>
    public string Name { get; init; } = "";

    /// <summary>The SHA-256 of the token, hexadecimal; null if it is known by its certificate.</summary>
    public string? Sha256 { get; init; }

    /// <summary>The SHA-256 of a client certificate (DER), hexadecimal; null if it is known by a token.</summary>
    public string? CertificateSha256 { get; init; }

    /// <summary>The streams that it may publish: names with * and ?.</summary>
    public IReadOnlyList<string> Publish { get; init; } = [];

    /// <summary>The streams that it may watch.</summary>
    public IReadOnlyList<string> Watch { get; init; } = [];

    /// <summary>The streams of which it may read recordings.</summary>
    public IReadOnlyList<string> Record { get; init; } = [];

    /// <summary>The streams that it may process.</summary>
    public IReadOnlyList<string> Process { get; init; } = [];

    /// <summary>Whether it may see inside the server.</summary>
    public bool Admin { get; init; }

    /// <summary>When it was made.</summary>
    public DateTimeOffset Created { get; init; }

    /// <summary>From when on it no longer holds; null for never.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>The streams for which it has a right; empty if it has not.</summary>
    public IReadOnlyList<string> StreamsOf(Right right) => right switch
    {
        Right.Publish => Publish,
        Right.Watch => Watch,
        Right.Record => Record,
        Right.Process => Process,
        _ => [],
    };

    /// <summary>Whether it has a right for any stream.</summary>
    public bool Has(Right right) => right switch
    {
        Right.None or Right.SignedIn => true,
        Right.Admin => Admin,
        _ => StreamsOf(right).Count > 0,
    };

    /// <summary>Whether it has a right for this stream.</summary>
    public bool Has(Right right, string stream) => StreamsOf(right).Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, stream, ignoreCase: false));

    /// <summary>Two entries with the same words are the same, whatever lists hold them.</summary>
    internal bool IsSameAs(Grant other) => AccessJson.Write(this) == AccessJson.Write(other);

    /// <summary>What is wrong with it; empty if nothing is.</summary>
    internal IEnumerable<string> Validate()
    {
        if (!AccessToken.IsId(Id))
            yield return $"\"{AccessToken.Printable(Id)}\" is not an id of a token: {AccessToken.IdLength} of a-z and 2-7.";
        if ((Sha256 is null) == (CertificateSha256 is null))
            yield return $"Entry {AccessToken.Printable(Id)} needs either sha256 or certificateSha256.";
        if ((Sha256 ?? CertificateSha256) is { } hash && (hash.Length != 64 || !hash.All(char.IsAsciiHexDigit)))
            yield return $"Entry {AccessToken.Printable(Id)} has no SHA-256 where one should be: 64 hexadecimal digits.";
    }
}

/// <summary>The file of tokens as JSON has it. Immutable.</summary>
internal sealed record GrantList
{
    [JsonRequired]
    public IReadOnlyList<Grant> Tokens { get; init; } = [];
}
