namespace Framewire.Protocol.Log;

/// <summary>What is wrong with a file, for people; each place is told once. Not thread-safe.</summary>
internal sealed class DamageList
{
    private const int MaxLines = 1000;

    private readonly HashSet<long> _offsets = [];
    private readonly List<string> _lines;

    public DamageList(IEnumerable<string> known) => _lines = [.. known.Take(MaxLines)];

    public IReadOnlyList<string> Lines => _lines;

    public void Add(long offset, long bytes, string what)
    {
        if (_lines.Count < MaxLines && _offsets.Add(offset))
            _lines.Add($"{bytes} bytes at offset {offset} are skipped: {what}.");
    }
}
