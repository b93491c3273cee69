using System.Runtime.InteropServices;

namespace Framewire.Protocol.Log;

/// <summary>Makes what was created, renamed or deleted in a directory survive a loss of power. Stateless.</summary>
public static partial class DurableDirectory
{
    private const int ReadOnlyCloseOnExec = 0x80000; // O_RDONLY | O_CLOEXEC

    /// <summary>Waits until the directory's entries are on disk: fsync(2) of the directory. Nothing on Windows, where there is no such call.</summary>
    /// <exception cref="IOException">The directory cannot be opened, or the disk failed.</exception>
    public static void Flush(string directory)
    {
        if (!OperatingSystem.IsLinux())
            return;
        var descriptor = Open(directory, ReadOnlyCloseOnExec);
        if (descriptor < 0)
            throw Failed(directory);
        try
        {
            if (Sync(descriptor) != 0)
                throw Failed(directory);
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    /// <summary>The same for the directory that a file is in.</summary>
    internal static void FlushParentOf(string file) => Flush(Path.GetDirectoryName(Path.GetFullPath(file))!);

    private static IOException Failed(string directory) =>
        new($"The entries of the directory {directory} could not be written to disk: {Marshal.GetLastPInvokeErrorMessage()}.");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
