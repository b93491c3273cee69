namespace Framewire.Tests.Testing;

/// <summary>Clips, damaged media and programs that lie beside the project, in <c>../shared</c>. Stateless.</summary>
internal static class Shared
{
    public static readonly string[] Clips = ["asl-walk-face.mkv", "asl-walk-odd353x265-vfr.mkv", "car-detection.mp4", "person-vfr-derived.mp4"];

    private static readonly string Root = Repository.PathTo("..", "shared");

    /// <summary>A clip's whole path; skips the test where the clips are not there.</summary>
    public static string Clip(string name) => Existing(Path.GetFullPath(Path.Combine(Root, "clips", name)));

    /// <summary>A damaged file's whole path; skips the test where they are not there.</summary>
    public static string Malformed(string name) => Existing(Path.GetFullPath(Path.Combine(Root, "malformed", name)));

    /// <summary>A program's whole path; skips the test where the programs are not there.</summary>
    public static string Program(string name) => Existing(Path.GetFullPath(Path.Combine(Root, "tools", name)));

    /// <summary>Every damaged file; skips the test where they are not there.</summary>
    public static IReadOnlyList<string> AllMalformed() =>
        [.. Directory.EnumerateFiles(Existing(Path.GetFullPath(Path.Combine(Root, "malformed"))), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    /// <summary>The damaged files that are there: none where there are none.</summary>
    public static IEnumerable<string> MalformedIfThere() => Path.Exists(Path.Combine(Root, "malformed")) ? AllMalformed() : [];

    private static string Existing(string path)
    {
        Assert.SkipUnless(Path.Exists(path), $"The test material '{Path.GetFileName(path)}' is not beside the project, in ../shared.");
        return path;
    }
}
