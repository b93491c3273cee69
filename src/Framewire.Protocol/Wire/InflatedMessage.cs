using System.Buffers;

namespace Framewire.Protocol.Wire;

/// <summary>The bytes of a message that came compressed, in pooled blocks. Owned by the reader while it reads that message; one thread.</summary>
internal sealed class InflatedMessage : IDisposable
{
    private const int BlockBytes = 64 * 1024;

    private readonly List<byte[]> _blocks = [];
    private int _lastUsed = BlockBytes;

    public long Length => _blocks.Count == 0 ? 0 : ((_blocks.Count - 1L) * BlockBytes) + _lastUsed;

    /// <summary>Where more bytes can go; never empty.</summary>
    public Span<byte> FreeSpace()
    {
        if (_lastUsed == BlockBytes)
        {
            _blocks.Add(ArrayPool<byte>.Shared.Rent(BlockBytes));
            _lastUsed = 0;
        }
        return _blocks[^1].AsSpan(_lastUsed, BlockBytes - _lastUsed);
    }

    public void Add(int count) => _lastUsed += count;

    public ReadOnlySequence<byte> Bytes()
    {
        if (_blocks.Count == 0)
            return ReadOnlySequence<byte>.Empty;
        var first = new Link(_blocks[0].AsMemory(0, _blocks.Count == 1 ? _lastUsed : BlockBytes), null);
        var last = first;
        for (var i = 1; i < _blocks.Count; i++)
            last = new Link(_blocks[i].AsMemory(0, i == _blocks.Count - 1 ? _lastUsed : BlockBytes), last);
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    public void Dispose()
    {
        foreach (var block in _blocks)
            ArrayPool<byte>.Shared.Return(block);
        _blocks.Clear();
        _lastUsed = BlockBytes;
    }

    /// <summary>One block in its place in the sequence.</summary>
    private sealed class Link : ReadOnlySequenceSegment<byte>
    {
        public Link(ReadOnlyMemory<byte> memory, Link? previous)
        {
            Memory = memory;
            if (previous is null)
                return;
            RunningIndex = previous.RunningIndex + previous.Memory.Length;
            previous.Next = this;
        }
    }
}
