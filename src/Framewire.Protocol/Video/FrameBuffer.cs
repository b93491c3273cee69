using System.Buffers;

namespace Framewire.Protocol.Video;

/// <summary>
/// The bytes of one frame in a pooled array, shared by everyone who holds the frame and returned to the pool by the last.
/// Keeps pictures, nearly all over 85,000 bytes, off the large-object heap. Starts with one holder. Thread-safe.
/// </summary>
/// <remarks>Whoever forgets to release costs the pool an array, which the garbage collector then takes; it corrupts nothing.</remarks>
public sealed class FrameBuffer
{
    private readonly byte[] _array;
    private int _holders = 1;

    private FrameBuffer(byte[] array, int length)
    {
        _array = array;
        Length = length;
    }

    /// <summary>The payload's size in bytes.</summary>
    public int Length { get; }

    /// <summary>The payload.</summary>
    /// <exception cref="ObjectDisposedException">The last holder has released it.</exception>
    public Memory<byte> Memory
    {
        get
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _holders) <= 0, this);
            return _array.AsMemory(0, Length);
        }
    }

    /// <summary>A buffer of exactly <paramref name="length"/> bytes with one holder. Its content is undefined.</summary>
    public static FrameBuffer Rent(int length) => new(ArrayPool<byte>.Shared.Rent(length), length);

    /// <summary>A buffer that holds a copy of <paramref name="payload"/>.</summary>
    public static FrameBuffer CopyOf(ReadOnlySpan<byte> payload)
    {
        var buffer = Rent(payload.Length);
        payload.CopyTo(buffer._array);
        return buffer;
    }

    /// <summary>A buffer that holds a copy of <paramref name="payload"/>.</summary>
    public static FrameBuffer CopyOf(in ReadOnlySequence<byte> payload)
    {
        var buffer = Rent(checked((int)payload.Length));
        payload.CopyTo(buffer._array);
        return buffer;
    }

    /// <summary>One more holder.</summary>
    /// <exception cref="ObjectDisposedException">The last holder has released it.</exception>
    public void Retain()
    {
        int holders;
        do
        {
            holders = Volatile.Read(ref _holders);
            ObjectDisposedException.ThrowIf(holders <= 0, this);
        }
        while (Interlocked.CompareExchange(ref _holders, holders + 1, holders) != holders);
    }

    /// <summary>One holder fewer; the last one returns the array to the pool.</summary>
    /// <exception cref="ObjectDisposedException">Released more often than retained.</exception>
    public void Release()
    {
        var left = Interlocked.Decrement(ref _holders);
        ObjectDisposedException.ThrowIf(left < 0, this);
        if (left == 0)
            ArrayPool<byte>.Shared.Return(_array);
    }
}
