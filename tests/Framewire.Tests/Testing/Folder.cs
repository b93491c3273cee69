namespace Framewire.Tests.Testing;

/// <summary>A folder of a test's own, deleted at its end. Owned by one test.</summary>
internal sealed class Folder : IDisposable
{
    private readonly DirectoryInfo _folder;

    public Folder() => _folder = Directory.CreateTempSubdirectory("framewire-test-");

    private Folder(DirectoryInfo folder) => _folder = folder;

    /// <summary>One that is in memory where there is such a place, for tests that write thousands of files and wait for each to be on disk.</summary>
    public static Folder InMemory()
    {
        const string memory = "/dev/shm";
        return Directory.Exists(memory)
            ? new Folder(Directory.CreateDirectory($"{memory}/framewire-test-{Guid.NewGuid():N}"))
            : new Folder();
    }

    public string Path => _folder.FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose() => _folder.Delete(recursive: true);
}
