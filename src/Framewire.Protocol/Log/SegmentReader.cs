using Framewire.Protocol.Video;
using Microsoft.Win32.SafeHandles;

namespace Framewire.Protocol.Log;

/// <summary>A chunk that has results, and when the frames were captured that they are of: unchecked before it is read.</summary>
/// <param name="Number">Its number among the chunks.</param>
/// <param name="From">When the earliest was captured.</param>
/// <param name="Until">When the latest was.</param>
public readonly record struct ResultsChunk(int Number, DateTimeOffset From, DateTimeOffset Until);

/// <summary>
/// Reads one segment, also while somebody writes it. What is damaged is skipped and told in <see cref="Damage"/>, never thrown. One owner;
/// not thread-safe. The receiver of an entry holds the frame in it, which has a buffer of its own.
/// </summary>
public sealed class SegmentReader : IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly SegmentChunks _chunks;
    private readonly DamageList _damage;

    private SegmentReader(SafeFileHandle file, SegmentStart start)
    {
        var end = SegmentEnd.TryRead(file, start);
        (_file, Header) = (file, start.Header);
        _damage = new DamageList(end?.Contents.Damage ?? []);
        _chunks = new SegmentChunks(file, start, end, _damage);
    }

    /// <summary>What it is of.</summary>
    public SegmentHeader Header { get; }

    /// <summary>What was skipped so far, for people, with offsets; and what was known to be damaged when the file was closed.</summary>
    public IReadOnlyList<string> Damage => _damage.Lines;

    /// <summary>Opens a segment.</summary>
    /// <exception cref="InvalidDataException">The file is no segment.</exception>
    /// <exception cref="IOException">It cannot be opened or read.</exception>
    public static SegmentReader Open(string path)
    {
        var file = SegmentFile.Open(path);
        try
        {
            return new SegmentReader(file, SegmentStart.Read(file));
        }
        catch (Exception e)
        {
            file.Dispose();
            if (e is InvalidDataException)
                throw new InvalidDataException($"{path} is no recording of ours. {e.Message} Move it away, or delete it.", e);
            throw;
        }
    }

    /// <summary>All frames and gaps there are by the time they are asked for.</summary>
    public IEnumerable<LogEntry> ReadAll() => From(0, _ => true);

    /// <summary>All entries from the first one at or behind a sequence, or from the last keyframe at or before it (from the first entry, if there is none).</summary>
    public IEnumerable<LogEntry> ReadFrom(ulong sequence, bool fromKeyframe = false)
    {
        var (chunk, begins) = fromKeyframe
            ? LastKeyframe(item => item.Note!.Sequence <= sequence, ChunkBefore(number => FirstSequence(number) <= sequence))
            : (FirstChunkFor(sequence), item => item.Note is null ? item.Gap.Gap.Last >= sequence : item.Note.Sequence >= sequence);
        foreach (var entry in From(chunk, begins, lowest: fromKeyframe ? 0 : sequence))
            yield return entry;
    }

    /// <summary>
    /// All entries from the last keyframe captured at or before a time, or from the first entry if there is none. Where the clock was set
    /// back within the segment, the times count as they were before.
    /// </summary>
    public IEnumerable<LogEntry> ReadFrom(DateTimeOffset capturedAt)
    {
        var time = LogTime.Of(capturedAt);
        var (chunk, begins) = LastKeyframe(item => item.LogTime <= time, ChunkBefore(number => StartTime(number) <= time));
        foreach (var entry in From(chunk, begins))
            yield return entry;
    }

    /// <summary>The chunks with results there are by now, in the order of the file. No picture is read for it.</summary>
    public IReadOnlyList<ResultsChunk> ResultsChunks() =>
    [
        .. Enumerable.Range(0, _chunks.Count()).Where(_chunks.MayHaveResults)
            .Select(number => new ResultsChunk(number, LogTime.ToDateTimeOffset(_chunks[number].StartTime), LogTime.ToDateTimeOffset(_chunks[number].EndTime))),
    ];

    /// <summary>The results in a chunk; none if it is damaged.</summary>
    public IReadOnlyList<FrameResults> ReadResults(ResultsChunk chunk)
    {
        using var content = _chunks.TryLoad(chunk.Number);
        return content?.Results ?? [];
    }

    /// <summary>All results there are by now, in the order in which they were written.</summary>
    public IEnumerable<FrameResults> ReadResults() => ResultsChunks().SelectMany(ReadResults);

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private IEnumerable<LogEntry> From(int number, Predicate<ChunkItem> begins, ulong lowest = 0)
    {
        for (var hasBegun = false; _chunks.Has(number); number++)
        {
            if (!_chunks.MayHaveFrames(number))
                continue;
            using var chunk = _chunks.TryLoad(number);
            foreach (var item in chunk?.Items ?? [])
            {
                hasBegun = hasBegun || begins(item);
                if (hasBegun && !(item.Note?.Sequence < lowest)) // a gap may be noted long before its place
                    yield return item.ToEntry();
            }
        }
    }

    /// <summary>The last chunk that may have what is looked for: all before it are true of <paramref name="isBefore"/>, none behind it is.</summary>
    private int ChunkBefore(Func<int, bool> isBefore)
    {
        var (low, high) = (0, _chunks.Count());
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (isBefore(middle))
                low = middle + 1;
            else
                high = middle;
        }

        return Math.Max(0, low - 1);
    }

    /// <summary>Of a chunk without a frame near its beginning: that of the chunk before.</summary>
    private ulong FirstSequence(int number)
    {
        for (; number >= 0; number--)
        {
            if (_chunks.FirstSequence(number) is { } sequence)
                return sequence;
        }

        return 0;
    }

    /// <summary>When a chunk's frames begin; those of one with results alone: with the chunk before.</summary>
    private ulong StartTime(int number)
    {
        while (number >= 0 && !_chunks.MayHaveFrames(number))
            number--;
        return number < 0 ? 0 : _chunks[number].StartTime;
    }

    /// <summary>The search went by bytes that nobody had checked; so the chunk it found is read, and while it begins too late or is damaged, the one before.</summary>
    private int FirstChunkFor(ulong sequence)
    {
        var number = ChunkBefore(number => FirstSequence(number) < sequence);
        for (; number > 0; number--)
        {
            using var chunk = _chunks.MayHaveFrames(number) ? _chunks.TryLoad(number) : null;
            if (chunk?.FirstSequence <= sequence)
                break;
        }

        return number;
    }

    private (int Chunk, Predicate<ChunkItem> Begins) LastKeyframe(Predicate<ChunkItem> isEarlyEnough, int number)
    {
        for (; number >= 0 && _chunks.Has(number); number--)
        {
            using var chunk = _chunks.MayHaveFrames(number) ? _chunks.TryLoad(number) : null;
            var keyframe = chunk?.Items.LastOrDefault(item => item.Note is { Keyframe: true } && isEarlyEnough(item)).Note?.Sequence;
            if (keyframe is not null)
                return (number, item => item.Note?.Sequence == keyframe);
        }

        return (0, _ => true);
    }
}
