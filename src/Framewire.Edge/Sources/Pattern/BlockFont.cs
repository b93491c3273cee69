namespace Framewire.Edge.Sources.Pattern;

/// <summary>A font of 5x7 blocks with what the test pattern needs: digits, a few signs, and the letters of "UTC". Stateless.</summary>
internal static class BlockFont
{
    /// <summary>Columns from one character to the next.</summary>
    public const int Advance = 6;

    /// <summary>Rows of a character.</summary>
    public const int Rows = 7;

    // One number a row, top to bottom; bit 4 is the leftmost of the five columns.
    private static readonly Dictionary<char, byte[]> Glyphs = new()
    {
        ['0'] = [14, 17, 19, 21, 25, 17, 14],
        ['1'] = [4, 12, 4, 4, 4, 4, 14],
        ['2'] = [14, 17, 1, 6, 8, 16, 31],
        ['3'] = [14, 17, 1, 6, 1, 17, 14],
        ['4'] = [2, 6, 10, 18, 31, 2, 2],
        ['5'] = [31, 16, 30, 1, 1, 17, 14],
        ['6'] = [6, 8, 16, 30, 17, 17, 14],
        ['7'] = [31, 1, 2, 4, 8, 8, 8],
        ['8'] = [14, 17, 17, 14, 17, 17, 14],
        ['9'] = [14, 17, 17, 15, 1, 2, 12],
        [':'] = [0, 4, 4, 0, 4, 4, 0],
        ['.'] = [0, 0, 0, 0, 0, 6, 6],
        ['-'] = [0, 0, 0, 14, 0, 0, 0],
        ['U'] = [17, 17, 17, 17, 17, 17, 14],
        ['T'] = [31, 4, 4, 4, 4, 4, 4],
        ['C'] = [14, 17, 16, 16, 16, 17, 14],
    };

    /// <summary>Draws text with blocks of <paramref name="scale"/> pixels; a character that the font lacks is a gap.</summary>
    public static void Draw(Canvas canvas, Span<byte> image, ReadOnlySpan<char> text, int x, int y, int scale, PatternColor color)
    {
        for (var i = 0; i < text.Length; i++)
            if (Glyphs.TryGetValue(text[i], out var rows))
                DrawGlyph(canvas, image, rows, x + i * Advance * scale, y, scale, color);
    }

    private static void DrawGlyph(Canvas canvas, Span<byte> image, byte[] rows, int x, int y, int scale, PatternColor color)
    {
        for (var row = 0; row < rows.Length; row++)
            for (var column = 0; column < 5; column++)
                if ((rows[row] >> (4 - column) & 1) != 0)
                    canvas.Fill(image, x + column * scale, y + row * scale, scale, scale, color);
    }
}
