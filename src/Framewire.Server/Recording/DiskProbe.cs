namespace Framewire.Server.Recording;

/// <summary>Asks a disk. Stateless.</summary>
internal static class DiskProbe
{
    /// <summary>Recording does not begin again before there is as much room as this, or a twentieth of a smaller disk: or it would soon stop again.</summary>
    private const long EnoughRoom = 64L << 20;

    private const int ProbeBytes = 64 << 10;

    /// <summary>Whether a folder is there, with room, and takes writes. Makes the folder if its parent takes that.</summary>
    public static bool TakesWrites(string folder)
    {
        var probe = Path.Combine(folder, "probe.tmp");
        try
        {
            Directory.CreateDirectory(folder);
            if (FreeBytes(folder) is var (total, free) && free < Math.Min(EnoughRoom, total / 20))
                return false;
            using (var file = new FileStream(probe, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                file.Write(new byte[ProbeBytes]);
                file.Flush(flushToDisk: true);
            }

            File.Delete(probe);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>The size of a folder's disk and what is free of it, in bytes; null if nobody can tell.</summary>
    public static (long Total, long Free)? FreeBytes(string folder)
    {
        try
        {
            var drive = new DriveInfo(folder);
            return (drive.TotalSize, drive.AvailableFreeSpace);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
