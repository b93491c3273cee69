namespace Framewire.Edge.Sources;

/// <summary>What kind of thing a source's name means.</summary>
internal enum SourceKind
{
    Test,
    StandardInput,
    Command,
    Screen,
    Camera,
    Url,
    Path,
}

/// <summary>A source's name, understood without looking at the disk. A value.</summary>
/// <param name="Kind">What it means.</param>
/// <param name="Value">The command, address or path.</param>
internal readonly record struct SourceName(SourceKind Kind, string Value)
{
    private static readonly string[] Schemes = ["rtsp", "rtsps", "http", "https"];

    /// <exception cref="SourceException">An address of a kind that is not read.</exception>
    public static SourceName Parse(string name)
    {
        const string command = "exec:";
        if (name.StartsWith(command, StringComparison.Ordinal))
            return new(SourceKind.Command, name[command.Length..]);
        if (name.StartsWith("/dev/video", StringComparison.Ordinal))
            return new(SourceKind.Camera, name);
        var scheme = name.IndexOf("://", StringComparison.Ordinal);
        if (scheme > 0)
        {
            return Schemes.Contains(name[..scheme], StringComparer.OrdinalIgnoreCase) && Uri.TryCreate(name, UriKind.Absolute, out _)
                ? new(SourceKind.Url, name)
                : throw new SourceException($"The address '{Redaction.Clean(name)}' is not one that is read: use rtsp, rtsps, http or https, or a path.");
        }
        return name switch
        {
            "test" => new(SourceKind.Test, name),
            "-" => new(SourceKind.StandardInput, name),
            "screen" => new(SourceKind.Screen, name),
            _ => new(SourceKind.Path, name),
        };
    }
}
