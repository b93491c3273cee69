namespace Framewire.Edge.Spooling;

/// <summary>How large and how full the disk of a folder is, as <c>df</c> tells it.</summary>
/// <param name="Total">Bytes in all.</param>
/// <param name="Free">Bytes that a program may still write.</param>
internal readonly record struct SpoolDisk(long Total, long Free)
{
    /// <summary>How full it is.</summary>
    public double UsedPercent => Total <= 0 ? 0 : 100.0 * (Total - Free) / Total;

    /// <summary>Whether a write failed for want of room, or of a quota (Linux: ENOSPC, EDQUOT, EFBIG).</summary>
    public static bool IsFull(Exception failure) => failure is IOException { HResult: 28 or 122 or 27 };

    /// <summary>Of a folder; null if nobody can tell.</summary>
    public static SpoolDisk? Of(string folder)
    {
        try
        {
            var drive = new DriveInfo(folder);
            return new SpoolDisk(drive.TotalSize, drive.AvailableFreeSpace);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
