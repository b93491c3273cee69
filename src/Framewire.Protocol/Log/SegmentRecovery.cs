using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace Framewire.Protocol.Log;

/// <summary>Reads a whole file that has no summary, chunk by chunk, and can give it one. Owned by one call.</summary>
internal sealed class SegmentRecovery
{
    private readonly SafeFileHandle _file;
    private readonly SegmentStart _start;
    private readonly SegmentContents _contents = new();
    private readonly DamageList _damage = new([]);
    private readonly List<ChunkPlace> _chunks = [];
    private readonly List<(int Chunk, MessageIndexes Indexes)> _withoutIndexes = [];
    private long _end;

    public SegmentRecovery(SafeFileHandle file, SegmentStart start)
    {
        (_file, _start, _end) = (file, start, start.End);
        var found = new SegmentChunks(file, start, null, _damage);
        for (var number = 0; found.Has(number); number++)
        {
            using var chunk = found.TryLoad(number);
            if (chunk is not null)
                Add(found[number], chunk);
        }
    }

    public SegmentSummary Summary(bool isClosed) =>
        _contents.Summary(_start.Header, RandomAccess.GetLength(_file), isClosed, _damage.Lines);

    /// <summary>Cuts off what is behind the last whole chunk, and writes what a closed file has, on disk for sure.</summary>
    public SegmentSummary Close()
    {
        RandomAccess.SetLength(_file, _end);
        if (_chunks.Count == 0)
            WriteChannels();
        WriteMissingIndexes();
        SegmentEnd.Write(_file, _end, _start, Summary(isClosed: true), _chunks);
        RandomAccess.FlushToDisk(_file);
        return Summary(isClosed: true);
    }

    private void Add(ChunkPlace place, ChunkContent chunk)
    {
        foreach (var item in chunk.Items)
        {
            if (item.Note is { } note)
                _contents.AddFrame(note.Sequence, Contracts.Micros.ToDateTimeOffset(note.CapturedAtUnixMicros));
            else
                _contents.AddGap(item.Gap);
        }

        foreach (var results in chunk.Results)
            _contents.AddResults(results);
        var expected = new ArrayBufferWriter<byte>();
        var indexes = chunk.Indexes.Write(expected, place.End);
        var actual = new byte[expected.WrittenCount];
        var isWhole = _file.TryRead(place.End, actual) && actual.AsSpan().SequenceEqual(expected.WrittenSpan);
        if (!isWhole)
            _withoutIndexes.Add((_chunks.Count, chunk.Indexes));
        _chunks.Add(place with
        {
            StartTime = chunk.Indexes.StartTime,
            EndTime = chunk.Indexes.EndTime,
            Indexes = indexes,
            IndexBytes = actual.Length,
        });
        _end = place.End + (isWhole ? actual.Length : 0);
    }

    /// <summary>They stand before the first chunk; without one nobody can tell whether they are whole.</summary>
    private void WriteChannels()
    {
        var bytes = new ArrayBufferWriter<byte>();
        SegmentChannels.WriteSchemas(bytes, _start.Header);
        SegmentChannels.WriteChannels(bytes, _start.Header);
        Append(bytes);
    }

    /// <summary>Behind everything: what damaged records were before stays where it is, and readers find these by the ChunkIndex.</summary>
    private void WriteMissingIndexes()
    {
        foreach (var (chunk, indexes) in _withoutIndexes)
        {
            var bytes = new ArrayBufferWriter<byte>();
            _chunks[chunk] = _chunks[chunk] with { Indexes = indexes.Write(bytes, _end) };
            Append(bytes);
        }
    }

    private void Append(ArrayBufferWriter<byte> bytes)
    {
        RandomAccess.Write(_file, bytes.WrittenSpan, _end);
        _end += bytes.WrittenCount;
    }
}
