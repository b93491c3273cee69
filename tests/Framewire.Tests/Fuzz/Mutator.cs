namespace Framewire.Tests.Fuzz;

/// <summary>Breaks good bytes the way that fuzzers do: bits, runs, lengths, cuts, and parts of one in another. Owned by one loop; the same seed gives the same bytes.</summary>
internal sealed class Mutator(int seed, IReadOnlyList<byte[]> corpus)
{
    private const int MostBytes = 1 << 16;

    private static readonly byte[] Interesting = [0, 1, 0x7F, 0x80, 0xFF, 0xFE, 0x40];

    private readonly Random _random = new(seed);

    public byte[] Next()
    {
        var bytes = new List<byte>(corpus[_random.Next(corpus.Count)]);
        for (var change = _random.Next(1, 8); change > 0; change--)
            Change(bytes);
        return [.. bytes.Take(MostBytes)];
    }

    private void Change(List<byte> bytes)
    {
        if (bytes.Count == 0)
        {
            bytes.Add((byte)_random.Next(256));
            return;
        }

        var at = _random.Next(bytes.Count);
        switch (_random.Next(9))
        {
            case 0:
                bytes[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 1:
                bytes[at] = Interesting[_random.Next(Interesting.Length)];
                break;
            case 2:
                bytes[at] = (byte)_random.Next(256);
                break;
            case 3:
                bytes.RemoveRange(at, _random.Next(Math.Min(bytes.Count - at, 64)));
                break;
            case 4:
                bytes.InsertRange(at, bytes.GetRange(at, Math.Min(bytes.Count - at, _random.Next(64))));
                break;
            case 5:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 6:
                // A number of two or four bytes that says much more than there is.
                for (var i = at; i < Math.Min(bytes.Count, at + (_random.Next(2) == 0 ? 2 : 4)); i++)
                    bytes[i] = 0xFF;
                break;
            case 7:
                var other = corpus[_random.Next(corpus.Count)];
                var from = _random.Next(other.Length + 1);
                bytes.InsertRange(at, other[from..Math.Min(other.Length, from + _random.Next(256))]);
                break;
            default:
                bytes.InsertRange(at, Enumerable.Repeat(bytes[at], _random.Next(300)));
                break;
        }
    }
}
