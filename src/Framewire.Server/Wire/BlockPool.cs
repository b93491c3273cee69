using System.Buffers;
using Microsoft.AspNetCore.Connections;

namespace Framewire.Server.Wire;

/// <summary>Gives Kestrel pools of large blocks. One for the server, made with it; any thread.</summary>
internal sealed class BlockPoolFactory(TransportOptions options) : IMemoryPoolFactory<byte>
{
    public MemoryPool<byte> Create(MemoryPoolOptions? poolOptions = null) => new BlockPool(options.PoolBlockBytes, options.PoolKeptBytes / options.PoolBlockBytes);
}

/// <summary>
/// A pool of blocks of one size. They are pinned for good, so that reads from sockets need not pin them one by one, and kept up to a number. Owned by Kestrel; any thread.
/// </summary>
internal sealed class BlockPool(int blockBytes, int blocksKept) : MemoryPool<byte>
{
    // Last in, first out: what was used last is still in the processor's cache.
    private readonly Stack<Block> _free = new();
    private readonly Lock _lock = new();
    private bool _disposed;

    public override int MaxBufferSize => blockBytes;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, blockBytes);
        Block? block;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _free.TryPop(out block);
        }
        block?.Rented();
        return block ?? new Block(this, GC.AllocateUninitializedArray<byte>(blockBytes, pinned: true));
    }

    protected override void Dispose(bool disposing)
    {
        lock (_lock)
        {
            _disposed = true;
            _free.Clear();
        }
    }

    private void Return(Block block)
    {
        lock (_lock)
        {
            if (!_disposed && _free.Count < blocksKept)
                _free.Push(block);
        }
    }

    /// <summary>One block. Owned by whoever rented it; returning it twice is harmless.</summary>
    private sealed class Block(BlockPool pool, byte[] array) : IMemoryOwner<byte>
    {
        private int _rented = 1;

        public Memory<byte> Memory { get; } = MemoryOf(array);

        public void Rented() => Volatile.Write(ref _rented, 1);

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _rented, 0) == 1)
                pool.Return(this);
        }

        private static Memory<byte> MemoryOf(byte[] pinned) => System.Runtime.InteropServices.MemoryMarshal.CreateFromPinnedArray(pinned, 0, pinned.Length);
    }
}
