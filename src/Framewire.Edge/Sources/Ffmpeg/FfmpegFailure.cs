using System.Text.RegularExpressions;

namespace Framewire.Edge.Sources.Ffmpeg;

/// <summary>Turns what ffmpeg wrote to standard error into one line for people: what happened, to what, what to do next. Pure; stateless.</summary>
internal static partial class FfmpegFailure
{
    // The first piece of text found in ffmpeg's lines decides what happened and the remedy.
    private static readonly (string Text, string What, string? Remedy)[] Known =
    [
        ("Format not on whitelist", "is a playlist or script, which is not followed", "Give the video file itself."),
        ("not on whitelist", "names other files or addresses, which are not followed", "Give the video file itself."),
        ("matches no streams", "has no video", "Give a file with a video stream."),
        ("does not contain any stream", "has no video", "Give a file with a video stream."),
        ("Unknown encoder 'libx264'", "cannot be encoded: this ffmpeg lacks libx264", "Run 'apt-get install ffmpeg', or use --encode jpeg."),
        ("Unknown encoder", "cannot be encoded", "Run 'apt-get install ffmpeg' for a complete one."),
        ("no decoder found", "has a codec that this ffmpeg cannot read", "Convert it first."),
        ("Decoder (codec", "has a codec that this ffmpeg cannot read", "Convert it first."),
        ("Cannot determine format of input", "holds no picture that can be decoded", null),
        ("Cannot open display", "cannot be reached", null),
        ("Connection refused", "does not answer", null),
        ("timed out", "does not answer", null),
        ("Failed to resolve", "cannot be found", null),
        ("401 Unauthorized", "refuses the user name or password", "Write them as rtsp://USER:PASSWORD@HOST/..."),
        ("404 Not Found", "does not exist there", null),
    ];

    /// <summary>The message for a source that gave no frame, or broke.</summary>
    /// <param name="input">What was read.</param>
    /// <param name="lines">ffmpeg's last lines.</param>
    /// <param name="otherwise">What happened if no known text says so, such as "cannot be read".</param>
    public static string Explain(FfmpegInput input, IReadOnlyList<string> lines, string otherwise)
    {
        var errors = Errors(lines);
        var said = errors.Count > 0 ? $" (ffmpeg: {string.Join("; ", errors.TakeLast(2))})" : "";
        var known = Known.FirstOrDefault(known => errors.Any(error => error.Contains(known.Text, StringComparison.OrdinalIgnoreCase)));
        return Redaction.Clean($"{input.Subject} {known.What ?? otherwise}{said}. {known.Remedy ?? input.Remedy}");
    }

    /// <summary>ffmpeg's errors without its prefixes, repetitions, and what it says about our own pipe.</summary>
    private static List<string> Errors(IReadOnlyList<string> lines) =>
    [
        .. lines.Select(line => ErrorLine().Match(line))
            .Where(match => match.Success && !IsNoise(match.Groups[1].Value))
            .Select(match => Shorten(match.Groups[1].Value.Trim().TrimEnd('.')))
            .Distinct(),
    ];

    private static string Shorten(string error) => error.Length <= 160 ? error : error[..160] + "...";

    private static bool IsNoise(string error) =>
        error.Trim().Length == 0
        || error.Contains("Slave muxer", StringComparison.Ordinal)
        || error.Contains("tee outputs failed", StringComparison.Ordinal)
        || error.Contains("Broken pipe", StringComparison.Ordinal)
        || error.Contains("To ignore this, add a trailing", StringComparison.Ordinal)
        || error.Contains("Conversion failed", StringComparison.Ordinal);

    [GeneratedRegex(@"\[(?:error|fatal|panic)\](.*)$", RegexOptions.CultureInvariant)]
    private static partial Regex ErrorLine();
}
