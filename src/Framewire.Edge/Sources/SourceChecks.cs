namespace Framewire.Edge.Sources;

/// <summary>Looks for what a source needs before ffmpeg is asked, for messages that ffmpeg does not give. Stateless.</summary>
internal static class SourceChecks
{
    /// <returns>The whole path.</returns>
    /// <exception cref="SourceException">There is no such file, or it may not be read.</exception>
    public static string File(string path)
    {
        if (!System.IO.File.Exists(path))
            throw new SourceException($"There is no file '{path}': check the path, which is taken from {Directory.GetCurrentDirectory()}.");
        try
        {
            using var file = System.IO.File.OpenRead(path);
            return Path.GetFullPath(path);
        }
        catch (Exception refused) when (refused is UnauthorizedAccessException or IOException)
        {
            throw new SourceException($"The file '{path}' cannot be read: {refused.Message} Let this user read it.", refused);
        }
    }

    /// <exception cref="SourceException">There is no such camera.</exception>
    public static string Camera(string device)
    {
        if (System.IO.File.Exists(device))
            return device;
        var others = Directory.EnumerateFiles("/dev", "video*").Order(StringComparer.Ordinal).ToList();
        throw new SourceException($"There is no camera '{device}': " + (others.Count > 0
            ? $"these are there: {string.Join(", ", others)}."
            : "none is connected. A Raspberry Pi's own camera is read with 'exec:rpicam-vid -t 0 --inline -o -'."));
    }

    /// <exception cref="SourceException">No screen is named.</exception>
    public static string Display() =>
        Environment.GetEnvironmentVariable("DISPLAY") is { Length: > 0 } display
            ? display
            : throw new SourceException("DISPLAY is not set, so there is no screen to capture: run this on a desktop, or set it, as in 'DISPLAY=:0'.");
}
