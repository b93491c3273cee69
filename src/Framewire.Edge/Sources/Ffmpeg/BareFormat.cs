namespace Framewire.Edge.Sources.Ffmpeg;

/// <summary>What a pipe carries, told from its first bytes. Pure; stateless.</summary>
internal static class BareFormat
{
    /// <summary>Bytes enough to tell.</summary>
    public const int BytesNeeded = 5;

    /// <returns><c>h264</c> or <c>mjpeg</c> for bare pictures without a container; null to let ffmpeg find out.</returns>
    public static string? Recognise(ReadOnlySpan<byte> start)
    {
        if (start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]))
            return "mjpeg";
        var unit = start.StartsWith((ReadOnlySpan<byte>)[0, 0, 0, 1]) && start.Length > 4 ? start[4]
            : start.StartsWith((ReadOnlySpan<byte>)[0, 0, 1]) && start.Length > 3 ? start[3]
            : 0;
        // A stream starts with a delimiter, SPS or SEI; the whole first byte, for H.265 and MPEG-2 start with others.
        return unit is 0x09 or 0x06 or 0x07 or 0x27 or 0x47 or 0x67 ? "h264" : null;
    }
}
