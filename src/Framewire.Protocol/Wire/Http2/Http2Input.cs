using System.Buffers;

namespace Framewire.Protocol.Wire.Http2;

/// <summary>What comes in on one connection, buffered as far as one frame needs. Owned by its connection; one thread.</summary>
internal sealed class Http2Input(Http2Wire wire, int bufferBytes)
{
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(bufferBytes);
    private int _start;
    private int _end;

    /// <summary>When something came last.</summary>
    public long LastReceived { get; private set; } = TimeProvider.System.GetTimestamp();

    /// <summary>Whether anything came at all.</summary>
    public bool HasReceived { get; private set; }

    /// <summary>The first bytes of all, as long as nothing behind the first frame's header was read.</summary>
    public ReadOnlySpan<byte> FirstBytes => _buffer.AsSpan(0, _end);

    /// <summary>Reads the next frame's header; null at the end of the connection.</summary>
    public async ValueTask<Http2Frame?> ReadFrameAsync()
    {
        if (!await FillAsync(Http2Frame.HeaderLength))
            return null;
        var frame = Http2Frame.Read(_buffer.AsSpan(_start));
        _start += Http2Frame.HeaderLength;
        return frame;
    }

    /// <summary>Reads this many bytes, no more than the buffer holds. Valid until the next read.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(int length)
    {
        if (!await FillAsync(length))
            throw Ended();
        var read = _buffer.AsMemory(_start, length);
        _start += length;
        return read;
    }

    /// <summary>Moves this many bytes to <paramref name="target"/>; what is not buffered yet goes there straight from the socket.</summary>
    public async ValueTask CopyAsync(int length, IBufferWriter<byte> target)
    {
        var buffered = Math.Min(length, _end - _start);
        target.Write(_buffer.AsSpan(_start, buffered));
        _start += buffered;
        for (length -= buffered; length > 0;)
        {
            var room = target.GetMemory(Math.Min(length, 64 * 1024));
            var received = await ReceiveAsync(room[..Math.Min(room.Length, length)]);
            if (received == 0)
                throw Ended();
            target.Advance(received);
            length -= received;
        }
    }

    /// <summary>Passes over this many bytes.</summary>
    public async ValueTask SkipAsync(int length)
    {
        while (length > 0)
            length -= (await ReadAsync(Math.Min(length, _buffer.Length))).Length;
    }

    /// <summary>Makes sure that this many bytes are buffered; false if the connection ends before the first of them.</summary>
    private async ValueTask<bool> FillAsync(int length)
    {
        if (_end - _start >= length)
            return true;
        if (_start == _end)
            (_start, _end) = (0, 0);
        else if (_buffer.Length - _start < length)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }
        while (_end - _start < length)
        {
            var received = await ReceiveAsync(_buffer.AsMemory(_end));
            if (received == 0)
                return _start == _end ? false : throw Ended();
            _end += received;
        }
        return true;
    }

    private async ValueTask<int> ReceiveAsync(Memory<byte> room)
    {
        var received = await wire.ReceiveAsync(room);
        LastReceived = TimeProvider.System.GetTimestamp();
        HasReceived |= received > 0;
        return received;
    }

    private static EndOfStreamException Ended() => new("The server closed the connection in the middle of an HTTP/2 frame.");
}
