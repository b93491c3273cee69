using Microsoft.Win32.SafeHandles;

namespace Framewire.Protocol.Log;

/// <summary>The chunks of a file, by number: from the summary if there is one, else found as they are asked for. Not thread-safe.</summary>
internal sealed class SegmentChunks
{
    private readonly SafeFileHandle _file;
    private readonly SegmentStart _start;
    private readonly DamageList _damage;
    private readonly List<ChunkPlace> _places;
    private readonly SegmentScan? _scan;

    public SegmentChunks(SafeFileHandle file, SegmentStart start, SegmentEnd? end, DamageList damage)
    {
        (_file, _start, _damage) = (file, start, damage);
        _places = [.. end?.Chunks ?? []];
        _scan = end is null ? new SegmentScan(file, start.End, damage) : null;
    }

    /// <summary>Whether there is a chunk of this number, by now.</summary>
    public bool Has(int number)
    {
        while (_places.Count <= number && _scan?.Next() is { } place)
            _places.Add(place);
        return number < _places.Count;
    }

    public ChunkPlace this[int number] => _places[number];

    /// <summary>Finds all there are by now.</summary>
    public int Count()
    {
        while (Has(_places.Count))
        {
        }

        return _places.Count;
    }

    /// <summary>Reads a chunk; null if it is damaged, which is noted.</summary>
    public ChunkContent? TryLoad(int number)
    {
        var place = _places[number];
        var content = ChunkContent.TryLoad(_file, place, _start.Header.Format.Codec, out var what);
        if (content is null)
            _damage.Add(place.Offset, place.Length, $"a chunk, {what}");
        return content;
    }

    /// <summary>Whether a chunk may have frames or gaps, by the summary or else its first message.</summary>
    public bool MayHaveFrames(int number) => ChannelsOf(number) is not { } channels || channels.Any(channel => channel < SegmentChannels.Results);

    /// <summary>Whether a chunk may have results.</summary>
    public bool MayHaveResults(int number) => ChannelsOf(number) is not { } channels || channels.Any(channel => channel >= SegmentChannels.Results);

    /// <summary>The sequence of a chunk's first frame, from a few bytes and unchecked; null if it begins otherwise.</summary>
    public ulong? FirstSequence(int number) => ChunkProbe.FirstSequence(_file, _places[number]);

    private IEnumerable<ushort>? ChannelsOf(int number) => _places[number] is { Indexes.Count: > 0 } place
        ? place.Indexes.Select(index => index.Channel)
        : ChunkProbe.FirstChannel(_file, _places[number]) is { } channel ? [channel] : null;
}
