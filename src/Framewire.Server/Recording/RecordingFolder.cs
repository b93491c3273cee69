using System.Globalization;
using Framewire.Protocol.Log;

namespace Framewire.Server.Recording;

/// <summary>
/// The names on disk: a folder for each stream, in it its segments, numbered in the order of their making. Thread-safe.
/// </summary>
/// <remarks>
/// <code>
///   DIR/catalogue.db                                      what is where; made again from the files when it is missing
///   DIR/lock                                              held by the server that records here
///   DIR/STREAM/0000000001_20261125T185053Z.mcap           a segment, and when it was begun
/// </code>
/// The number makes the name unique whatever the clock does; the time is for people.
/// </remarks>
internal sealed class RecordingFolder(string root)
{
    private const string TimeFormat = "yyyyMMdd'T'HHmmss'Z'";

    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _ordinals = new(StringComparer.Ordinal);

    /// <summary>The folder of it all.</summary>
    public string Root => root;

    /// <summary>The catalogue's file.</summary>
    public string CatalogueFile => Path.Combine(root, "catalogue.db");

    /// <summary>Where a file of a stream is.</summary>
    public string PathOf(string stream, string file) => Path.Combine(root, stream, file);

    /// <summary>The name of a stream's next file; its folder is made if need be.</summary>
    public string NextFile(string stream, DateTimeOffset now)
    {
        lock (_lock)
        {
            Directory.CreateDirectory(Path.Combine(root, stream));
            if (!_ordinals.TryGetValue(stream, out var ordinal))
                ordinal = FilesOf(stream).Select(OrdinalOf).DefaultIfEmpty(0).Max();
            _ordinals[stream] = ++ordinal;
            return string.Create(CultureInfo.InvariantCulture, $"{ordinal:D10}_{now.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture)}{SegmentNames.Extension}");
        }
    }

    /// <summary>Deletes a file, or what is left of one whose folder somebody has taken away.</summary>
    public void Delete(string stream, string file)
    {
        if (File.Exists(PathOf(stream, file)))
            File.Delete(PathOf(stream, file));
    }

    /// <summary>Gives a file that cannot be read a name that is not looked at again: whoever wants it finds it.</summary>
    public string SetAside(string stream, string file)
    {
        var aside = PathOf(stream, file) + ".damaged";
        File.Move(PathOf(stream, file), aside, overwrite: true);
        return aside;
    }

    /// <summary>The streams that have a folder.</summary>
    public IEnumerable<string> Streams() => Directory.EnumerateDirectories(root).Select(path => Path.GetFileName(path)!);

    /// <summary>The names of a stream's files, the oldest first.</summary>
    public IEnumerable<string> FilesOf(string stream) =>
        Directory.EnumerateFiles(Path.Combine(root, stream), "*" + SegmentNames.Extension).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal);

    /// <summary>When a file was begun, by its name; long ago, if somebody has given it another.</summary>
    public static DateTimeOffset BegunAt(string file)
    {
        var name = Path.GetFileNameWithoutExtension(file);
        return DateTimeOffset.TryParseExact(name[(name.IndexOf('_') + 1)..], TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var begun)
            ? begun
            : DateTimeOffset.UnixEpoch;
    }

    private static long OrdinalOf(string file) =>
        long.TryParse(file.AsSpan(0, Math.Max(0, file.IndexOf('_'))), NumberStyles.None, CultureInfo.InvariantCulture, out var ordinal) ? ordinal : 0;
}
