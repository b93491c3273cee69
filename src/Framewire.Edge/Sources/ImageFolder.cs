namespace Framewire.Edge.Sources;

/// <summary>
/// The images of a folder, sorted by name and all of one kind. A value, made once when the source is opened.
/// </summary>
/// <param name="Format">ffmpeg's name of the input format, such as <c>jpeg_pipe</c>.</param>
/// <param name="Files">Whole paths.</param>
internal sealed record ImageFolder(string Format, IReadOnlyList<string> Files)
{
    private static readonly Dictionary<string, string> Formats = new(StringComparer.OrdinalIgnoreCase)
    {
        [".jpg"] = "jpeg_pipe",
        [".jpeg"] = "jpeg_pipe",
        [".png"] = "png_pipe",
        [".bmp"] = "bmp_pipe",
    };

    public bool IsJpeg => Format is "jpeg_pipe";

    /// <summary>Lists a folder.</summary>
    /// <exception cref="SourceException">There are no images, or several kinds.</exception>
    public static ImageFolder List(string folder)
    {
        var kinds = Directory.EnumerateFiles(folder)
            .Where(file => Formats.ContainsKey(Path.GetExtension(file)))
            .GroupBy(file => Formats[Path.GetExtension(file)])
            .ToList();
        return kinds.Count switch
        {
            0 => throw new SourceException($"The folder '{folder}' holds no images: put JPEG, PNG or BMP files in it."),
            1 => new ImageFolder(kinds[0].Key, [.. kinds[0].Order(StringComparer.Ordinal)]),
            _ => throw new SourceException($"The folder '{folder}' holds images of several kinds ({string.Join(", ", kinds.Select(kind => kind.Key[..^5]))}): keep one kind."),
        };
    }
}
