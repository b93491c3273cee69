namespace Framewire.Server.Forms;

/// <summary>How frames are made into another form for those who cannot take them as they are. Immutable.</summary>
public sealed record FormOptions
{
    /// <summary>The ffmpeg program, which decodes H.264 and scales.</summary>
    public string Ffmpeg { get; init; } = "ffmpeg";

    /// <summary>Forms made of streams at the same time; one more is refused. What is handed on as it is does not count. Each costs up to a core while somebody reads.</summary>
    public int MaxForms { get; init; } = 32;

    /// <summary>JPEG quality, 1 to 100.</summary>
    public int JpegQuality { get; init; } = 80;

    /// <summary>A form that nobody reads any more is kept up for this long, for the next one to ask.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a decoder may take no frame before it is given up.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Memory that a decoder may take, bytes of its address space: what a stranger sends must not fill the machine.</summary>
    public long DecoderMemoryBytes { get; init; } = 2L << 30;

    /// <summary>Every mistake in these options, as sentences; empty if there is none.</summary>
    public IEnumerable<string> Validate()
    {
        if (Ffmpeg.Length == 0)
            yield return "Forms.Ffmpeg must name a program.";
        if (MaxForms < 1)
            yield return "Forms.MaxForms must be 1 or more.";
        if (JpegQuality is < 1 or > 100)
            yield return "Forms.JpegQuality must be 1 to 100.";
        if (Linger < TimeSpan.Zero)
            yield return "Forms.Linger must not be negative.";
        if (DecoderMemoryBytes < 256 << 20)
            yield return $"Forms.DecoderMemoryBytes is {DecoderMemoryBytes}; give 268435456 (256 MiB) or more.";
        if (Patience <= TimeSpan.Zero)
            yield return "Forms.Patience must be more than 0.";
    }
}
