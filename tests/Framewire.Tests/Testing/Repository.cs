namespace Framewire.Tests.Testing;

/// <summary>Where this checkout is, for tests that read its files or start its scripts.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    public static string PathTo(params string[] parts) => Path.Combine([Root, .. parts]);

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Framewire.slnx")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException($"There is no Framewire.slnx above {AppContext.BaseDirectory}.");
    }
}
