using Microsoft.Win32.SafeHandles;

namespace Framewire.Protocol.Log;

/// <summary>Says what is in a file, and closes one whose writer died. Never throws for what is damaged. Stateless.</summary>
public static class SegmentRepair
{
    /// <summary>What is in a segment. Cheap for one that was closed in order; else every chunk is read.</summary>
    /// <returns>Null if the file is no segment, or its header is torn.</returns>
    /// <exception cref="IOException">It cannot be opened or read.</exception>
    public static SegmentSummary? Inspect(string path) => Inspect(path, out _);

    /// <inheritdoc cref="Inspect(string)"/>
    /// <param name="path">The file.</param>
    /// <param name="mistake">Why it is none, for people.</param>
    public static SegmentSummary? Inspect(string path, out string? mistake)
    {
        using var file = SegmentFile.Open(path);
        return TryReadStart(path, file, out mistake) is { } start
            ? SegmentEnd.TryRead(file, start)?.Contents ?? new SegmentRecovery(file, start).Summary(isClosed: false)
            : null;
    }

    /// <summary>
    /// Closes a file whose writer died: cuts it back to its last whole chunk, and writes what a closed one has, on disk for sure. What is
    /// damaged in its middle stays where it is and is passed over. Harmless on a closed file. Nobody else may be writing it.
    /// </summary>
    /// <returns>What is in it; null if the file is no segment, or its header is torn: there is nothing to be had from it.</returns>
    /// <exception cref="IOException">It cannot be opened, read or written.</exception>
    public static SegmentSummary? Recover(string path) => Recover(path, out _);

    /// <inheritdoc cref="Recover(string)"/>
    /// <param name="path">The file.</param>
    /// <param name="mistake">Why it is none, for people.</param>
    public static SegmentSummary? Recover(string path, out string? mistake)
    {
        using var file = SegmentFile.Open(path, FileAccess.ReadWrite);
        if (TryReadStart(path, file, out mistake) is not { } start)
            return null;
        if (SegmentEnd.TryRead(file, start) is { } end)
            return end.Contents;
        var summary = new SegmentRecovery(file, start).Close();
        DurableDirectory.FlushParentOf(path);
        return summary;
    }

    private static SegmentStart? TryReadStart(string path, SafeFileHandle file, out string? mistake)
    {
        try
        {
            mistake = null;
            return SegmentStart.Read(file);
        }
        catch (InvalidDataException e)
        {
            mistake = $"{path} is no recording of ours, or its beginning is torn. {e.Message}";
            return null;
        }
    }
}
