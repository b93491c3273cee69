using System.Text.RegularExpressions;

namespace Framewire.Protocol.Video;

/// <summary>
/// The name of a stream, checked: 1 to 64 of <c>a-z 0-9 - _</c>, the first one a letter or digit, so that it is safe in a path,
/// a page, a log and a URL as it stands.
/// </summary>
public readonly partial record struct StreamName
{
    private StreamName(string value) => Value = value;

    /// <summary>What a name must be, for messages to people.</summary>
    public const string Rule = "1 to 64 of a-z 0-9 - _, beginning with a letter or digit";

    /// <summary>The name.</summary>
    public string Value { get; }

    /// <summary>Checks a name.</summary>
    public static bool TryParse(string? text, out StreamName name)
    {
        var fits = text is not null && Pattern().IsMatch(text);
        name = fits ? new StreamName(text!) : default;
        return fits;
    }

    /// <inheritdoc/>
    public override string ToString() => Value;

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9_-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
