using System.Globalization;

namespace Framewire.Cli;

/// <summary>Sizes as people write them: 500M is 500 MiB. Pure.</summary>
internal static class ByteSize
{
    private const string Units = "KMGT";

    /// <summary>Reads a size.</summary>
    /// <exception cref="UsageException">It is none.</exception>
    public static long Parse(string text, string option)
    {
        var number = text.TrimEnd('B', 'b').TrimEnd('i');
        var unit = number.Length > 0 ? Units.IndexOf(char.ToUpperInvariant(number[^1]), StringComparison.Ordinal) : -1;
        return double.TryParse(unit < 0 ? number : number[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
            && value * Math.Pow(1024, unit + 1) is var bytes and >= 1 and < long.MaxValue
            ? (long)bytes
            : throw new UsageException($"{option} '{text}' is not a size: give a number of bytes, or one with K, M, G or T, such as 500M.");
    }

    /// <summary>A size for people.</summary>
    public static string ToText(long bytes)
    {
        var (value, unit) = ((double)bytes, -1);
        for (; value >= 1000 && unit < Units.Length - 1; unit++)
            value /= 1024;
        return unit < 0 ? $"{bytes} B" : string.Create(CultureInfo.InvariantCulture, $"{value:0.0} {Units[unit]}iB");
    }
}
