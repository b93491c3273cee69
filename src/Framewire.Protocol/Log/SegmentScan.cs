using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Framewire.Protocol.Log;

/// <summary>
/// Finds the chunks of a file that has no summary, from one record's head to the next, without reading the pictures. The file may be
/// growing: when there is no more, asking again later finds what was added. Not thread-safe.
/// </summary>
/// <remarks>
/// A length that was damaged leads astray. So a step is believed only if every field of the head fits, and if it leads nowhere the search
/// goes on, byte by byte, behind the last place that was sure, for the next head of a chunk. Such a head says its length three times.
/// </remarks>
internal sealed class SegmentScan(SafeFileHandle file, long start, DamageList damage)
{
    private const int WindowBytes = 1 << 20;

    private long _at = start;
    private long _sure = start;
    private bool _isAtEnd;

    /// <summary>The next whole chunk.</summary>
    /// <returns>Null if there is none, or none yet.</returns>
    public ChunkPlace? Next()
    {
        Span<byte> whole = stackalloc byte[Mcap.ChunkHeadBytes];
        while (!_isAtEnd)
        {
            var left = RandomAccess.GetLength(file) - _at;
            var head = whole[..(int)Math.Clamp(left, 0, Mcap.ChunkHeadBytes)];
            if (!file.TryRead(_at, head))
                return null;
            switch (StepOver(head, left))
            {
                case Step.Chunk:
                    return Found(head);
                case Step.Torn:
                    return null;
                case Step.TornOrLost when !TryFindAgain():
                    return null;
                case Step.Lost when !TryFindAgain():
                    damage.Add(_at, left, "there is no whole record");
                    return null;
                default:
                    break;
            }
        }

        return null;
    }

    private ChunkPlace Found(ReadOnlySpan<byte> head)
    {
        var place = new ChunkPlace(_at, ChunkContent.LengthIn(head)!.Value,
            BinaryPrimitives.ReadUInt64LittleEndian(head[9..]), BinaryPrimitives.ReadUInt64LittleEndian(head[17..]));
        _at = _sure = place.End;
        return place;
    }

    private Step StepOver(ReadOnlySpan<byte> head, long left)
    {
        if (head.Length < Mcap.RecordHeadBytes)
            return _at == _sure ? Step.Torn : Step.TornOrLost;
        var (opcode, length) = Mcap.ReadHead(head);
        switch (opcode)
        {
            case McapOpcode.Chunk when head.Length < Mcap.ChunkHeadBytes:
                return Step.Torn;
            case McapOpcode.Chunk:
                return ChunkContent.LengthIn(head) is not { } chunk ? Step.Lost : chunk > left ? Step.Torn : Step.Chunk;
            case McapOpcode.DataEnd when length == 4:
                _isAtEnd = true;
                return Step.Skipped;
            case McapOpcode.MessageIndex when head.Length >= 15:
                var arrayBytes = BinaryPrimitives.ReadUInt32LittleEndian(head[11..]);
                return length == 6 + (ulong)arrayBytes ? Skip(length, left, isSure: true) : Step.Lost;
            case McapOpcode.MessageIndex:
                return Step.Torn;
            case McapOpcode.Schema or McapOpcode.Channel or McapOpcode.Metadata or McapOpcode.Attachment:
                return Skip(length, left, isSure: false);
            default:
                return Step.Lost;
        }
    }

    private Step Skip(ulong length, long left, bool isSure)
    {
        if (length > Mcap.MaxRecordBytes)
            return Step.Lost;
        if ((long)length > left - Mcap.RecordHeadBytes)
            return isSure ? Step.Torn : Step.TornOrLost;
        _at += Mcap.RecordHeadBytes + (long)length;
        _sure = isSure ? _at : _sure;
        return Step.Skipped;
    }

    /// <summary>Goes on at the next head of a chunk that fits into the file.</summary>
    private bool TryFindAgain()
    {
        var end = RandomAccess.GetLength(file);
        var window = new byte[(int)Math.Clamp(end - _sure, 0, WindowBytes)];
        for (var from = _sure + 1; from <= end - Mcap.ChunkHeadBytes; from += WindowBytes - Mcap.ChunkHeadBytes + 1)
        {
            var span = window.AsSpan(0, (int)Math.Min(window.Length, end - from));
            if (!file.TryRead(from, span))
                return false;
            if (FindHead(span, end - from) is not { } found)
                continue;
            damage.Add(_sure, from + found - _sure, "the record there is damaged");
            _at = _sure = from + found;
            return true;
        }

        return false;
    }

    private static long? FindHead(ReadOnlySpan<byte> window, long left)
    {
        for (var at = 0; at <= window.Length - Mcap.ChunkHeadBytes; at++)
        {
            var next = window[at..].IndexOf((byte)McapOpcode.Chunk);
            if (next < 0 || (at += next) > window.Length - Mcap.ChunkHeadBytes)
                return null;
            if (ChunkContent.LengthIn(window[at..]) is { } length && length <= left - at)
                return at;
        }

        return null;
    }

    /// <summary>What a record's head turned out to be.</summary>
    private enum Step
    {
        /// <summary>A record that is no chunk; the scan stands behind it.</summary>
        Skipped,

        /// <summary>A whole chunk.</summary>
        Chunk,

        /// <summary>The beginning of a record that the file does not have whole, or not yet.</summary>
        Torn,

        /// <summary>That, or a damaged length.</summary>
        TornOrLost,

        /// <summary>Nothing that belongs here.</summary>
        Lost,
    }
}
