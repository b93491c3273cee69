namespace Framewire.Edge.Sources.Pattern;

/// <summary>One colour in both forms that the test pattern is drawn in: RGB, and full-range YCbCr as JPEG has it (ITU-T T.871). A value.</summary>
internal readonly record struct PatternColor(byte Red, byte Green, byte Blue)
{
    public static readonly PatternColor Black = new(0, 0, 0);
    public static readonly PatternColor White = new(255, 255, 255);

    public byte Luma => (byte)Math.Round(0.299 * Red + 0.587 * Green + 0.114 * Blue);

    public byte ChromaBlue => (byte)Math.Clamp(Math.Round(128 + (Blue - Luma) / 1.772), 0, 255);

    public byte ChromaRed => (byte)Math.Clamp(Math.Round(128 + (Red - Luma) / 1.402), 0, 255);
}
