namespace Framewire.Tests.Testing;

/// <summary>A disk of its own, in memory, that can be full or read-only. Only for root. Owned by one test.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly Folder _folder = new();
    private string? _bound;

    private SmallDisk()
    {
    }

    public string Path => _folder.Path;

    private string Ballast => _folder["ballast"];

    /// <param name="options">As for mount: <c>size=1m</c>.</param>
    public static async Task<SmallDisk> MountAsync(string options)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can mount a small disk.");
        var disk = new SmallDisk();
        await Tool.RunAsync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", disk.Path]);
        return disk;
    }

    /// <summary>Makes a folder of it read-only.</summary>
    public async Task MakeReadOnlyAsync(string folder)
    {
        await Tool.RunAsync("mount", ["--bind", folder, folder]);
        _bound = folder;
        await Tool.RunAsync("mount", ["-o", "remount,bind,ro", folder]);
    }

    /// <summary>Leaves no byte free.</summary>
    public void Fill()
    {
        using var file = File.Create(Ballast, bufferSize: 0);
        var (block, isFull) = (new byte[4096], false);
        while (!isFull)
            isFull = Record.Exception(() => file.Write(block)) is IOException;
    }

    public void Free() => File.Delete(Ballast);

    public void Dispose()
    {
        // Lazily: a file may still be open when a test fails.
        foreach (var mounted in new[] { _bound, Path }.OfType<string>())
        {
            using var umount = System.Diagnostics.Process.Start("umount", ["-l", mounted]);
            umount.WaitForExit();
        }

        _folder.Dispose();
    }
}
