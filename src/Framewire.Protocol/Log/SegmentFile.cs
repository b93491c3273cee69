using Microsoft.Win32.SafeHandles;

namespace Framewire.Protocol.Log;

/// <summary>Reads a file by offset, as somebody may be writing it. Stateless.</summary>
internal static class SegmentFile
{
    /// <summary>Opens a segment for reading, whoever else has it open.</summary>
    public static SafeFileHandle Open(string path, FileAccess access = FileAccess.Read) =>
        File.OpenHandle(path, FileMode.Open, access, FileShare.ReadWrite | FileShare.Delete);

    /// <summary>Fills a span.</summary>
    /// <returns>Whether the file has so much.</returns>
    public static bool TryRead(this SafeFileHandle file, long offset, Span<byte> into)
    {
        while (!into.IsEmpty)
        {
            var read = RandomAccess.Read(file, into, offset);
            if (read == 0)
                return false;
            offset += read;
            into = into[read..];
        }

        return true;
    }

    /// <summary>What is in a record.</summary>
    /// <returns>Null if there is no whole record of this kind, or it is larger than <paramref name="max"/>.</returns>
    public static byte[]? ReadRecord(this SafeFileHandle file, long offset, int max, McapOpcode opcode)
    {
        Span<byte> head = stackalloc byte[Mcap.RecordHeadBytes];
        if (!file.TryRead(offset, head))
            return null;
        var (actual, length) = Mcap.ReadHead(head);
        if (actual != opcode || length > (ulong)max || (long)length > RandomAccess.GetLength(file) - offset - Mcap.RecordHeadBytes)
            return null;
        var content = new byte[length];
        return file.TryRead(offset + Mcap.RecordHeadBytes, content) ? content : null;
    }
}
