using System.Globalization;

namespace Framewire.Cli;

/// <summary>Lengths of time as people write them on the command line. Pure.</summary>
internal static class Duration
{
    /// <summary>Reads <c>30d</c> or <c>12h</c>.</summary>
    /// <exception cref="UsageException">It is neither.</exception>
    public static TimeSpan Parse(string text, string option) =>
        TryParse(text) ?? throw new UsageException($"{option} '{text}' is not a length of time: give 30d or 12h.");

    /// <summary>The same; null if it is neither.</summary>
    public static TimeSpan? TryParse(string text)
    {
        var unit = text.Length < 2 ? TimeSpan.Zero : text[^1] switch { 'd' => TimeSpan.FromDays(1), 'h' => TimeSpan.FromHours(1), _ => TimeSpan.Zero };
        return unit > TimeSpan.Zero && double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count) && count is > 0 and < 100_000
            ? unit * count
            : null;
    }
}
