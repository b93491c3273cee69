using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Framewire.Protocol.Wire.Http2;

#pragma warning disable CA1001 // The gate has nothing to give back unless its wait handle was asked for.
/// <summary>
/// What goes out on one connection. One writer at a time, who holds the gate, gathers frames and sends them; small control frames wait aside for the next
/// gap, so that whoever queues them never waits. Owned by its connection; any thread.
/// </summary>
internal sealed class Http2Output(Http2Wire wire, Action<Exception> failed)
#pragma warning restore CA1001
{
    /// <summary>Control frames that may wait, bytes: a peer that asks for more answers than it reads is cut off.</summary>
    private const int MaxControlBytes = 256 * 1024;

    private readonly SemaphoreSlim _gate = new(1);
    private readonly Lock _lock = new();
    private readonly List<ArraySegment<byte>> _pieces = [];
    private readonly byte[] _headers = new byte[Http2Frame.HeaderLength * 128];
    private ArrayBufferWriter<byte> _control = new(256);
    private ArrayBufferWriter<byte> _spare = new(256);
    private int _headerBytes;
    private volatile bool _sending;
    private int _sends;

    /// <summary>Which send is going on, or none.</summary>
    public int? Sending => _sending ? Volatile.Read(ref _sends) : null;

    /// <summary>Waits for the turn to write; whoever got it must <see cref="Exit"/>.</summary>
    public Task EnterAsync(CancellationToken cancellation) => _gate.WaitAsync(cancellation);

    /// <summary>Lets the next one in, after what was queued meanwhile.</summary>
    public void Exit()
    {
        _gate.Release();
        Pump();
    }

    /// <summary>Adds a frame of one or two parts to what is sent next. Only within the gate.</summary>
    public void Add(Http2Frame frame, ReadOnlyMemory<byte> payload = default, ReadOnlyMemory<byte> more = default)
    {
        frame.Write(_headers.AsSpan(_headerBytes));
        _pieces.Add(new ArraySegment<byte>(_headers, _headerBytes, Http2Frame.HeaderLength));
        _headerBytes += Http2Frame.HeaderLength;
        AddPiece(payload);
        AddPiece(more);
    }

    /// <summary>Sends what was added. Only within the gate. Not to be cancelled: half a frame would spoil the connection for every call.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask SendAsync()
    {
        try
        {
            _sends++;
            _sending = true;
            await wire.SendAsync(_pieces);
        }
        catch (Exception e)
        {
            failed(e);
            throw e is IOException ? e : new IOException(e.Message, e);
        }
        finally
        {
            _sending = false;
            _pieces.Clear();
            _headerBytes = 0;
        }
    }

    /// <summary>Queues a whole control frame; returns at once.</summary>
    public void Queue(Http2Frame frame, ReadOnlySpan<byte> payload)
    {
        lock (_lock)
        {
            if (_control.WrittenCount > MaxControlBytes)
                throw new IOException("The server asks for answers faster than it reads them.");
            frame.Write(_control.GetSpan(Http2Frame.HeaderLength));
            _control.Advance(Http2Frame.HeaderLength);
            _control.Write(payload);
        }
        Pump();
    }

    /// <summary>Sends what is queued and lets nobody in any more.</summary>
    public async Task CloseAsync(CancellationToken patience)
    {
        await _gate.WaitAsync(patience);
        await SendQueuedAsync();
    }

    private void AddPiece(ReadOnlyMemory<byte> piece)
    {
        if (piece.IsEmpty)
            return;
        _pieces.Add(MemoryMarshal.TryGetArray(piece, out var array) ? array : piece.ToArray());
    }

    /// <summary>Sends what is queued, unless somebody is writing: then that one will do it.</summary>
    private void Pump()
    {
        lock (_lock)
        {
            if (_control.WrittenCount == 0)
                return;
        }
        if (_gate.Wait(0, CancellationToken.None))
            _ = DrainAsync();
    }

    private async Task DrainAsync()
    {
        try
        {
            await SendQueuedAsync();
        }
        catch (IOException)
        {
            // The connection knows, and ends.
        }
        finally
        {
            Exit();
        }
    }

    private async Task SendQueuedAsync()
    {
        lock (_lock)
        {
            (_control, _spare) = (_spare, _control);
        }
        try
        {
            // Somebody else may have sent it between our look and our turn.
            if (_spare.WrittenCount == 0)
                return;
            AddPiece(_spare.WrittenMemory);
            await SendAsync();
        }
        finally
        {
            _spare.ResetWrittenCount();
        }
    }
}
