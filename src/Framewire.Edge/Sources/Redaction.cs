using System.Text.RegularExpressions;

namespace Framewire.Edge.Sources;

/// <summary>Takes user names and passwords out of addresses before people or logs see them. Stateless.</summary>
internal static partial class Redaction
{
    public static string Clean(string text) => Credentials().Replace(text, "://***@");

    [GeneratedRegex("://[^/\\s@]+@", RegexOptions.CultureInvariant)]
    private static partial Regex Credentials();
}
