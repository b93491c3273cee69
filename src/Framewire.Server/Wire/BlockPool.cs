using System.Buffers;
using System.Collections.Concurrent;
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
    private readonly ConcurrentQueue<Block> _free = new();
    private int _freeCount;
    private volatile bool _disposed;

    public override int MaxBufferSize => blockBytes;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, blockBytes);
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!_free.TryDequeue(out var block))
            return new Block(this, GC.AllocateUninitializedArray<byte>(blockBytes, pinned: true));
        Interlocked.Decrement(ref _freeCount);
        block.Rented();
        return block;
    }

    protected override void Dispose(bool disposing)
    {
        _disposed = true;
        _free.Clear();
    }

    private void Return(Block block)
    {
        if (_disposed)
            return;
        if (Interlocked.Increment(ref _freeCount) <= blocksKept)
            _free.Enqueue(block);
        else
            Interlocked.Decrement(ref _freeCount);
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
