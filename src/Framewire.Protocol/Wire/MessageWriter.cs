using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Framewire.Protocol.Wire;

/// <summary>The messages that go to the peer, one after the other. Owned by its call; one writer at a time.</summary>
public sealed class MessageWriter<T>
{
    /// <summary>Tails up to this size join their head: below it, one HTTP/2 frame more costs more than the copy.</summary>
    private const int SmallTail = 4096;

    /// <summary>A head buffer that grew past this is not kept for the next message.</summary>
    private const int LargeHead = 1024 * 1024;

    private readonly CallSide _side;
    private readonly Marshaller<T> _marshaller;
    private ArrayBufferWriter<byte> _head = new(256);
    private PipeWriter? _pipe;
    private int _busy;

    internal MessageWriter(CallSide side, Marshaller<T> marshaller) => (_side, _marshaller) = (side, marshaller);

    /// <summary>
    /// Whether the next messages are compressed. Has an effect only where gzip was announced before the first message: at the client by
    /// <see cref="CallOptions.Compress"/>, at the server by <see cref="ServerCall.CompressResponses"/> and the client's consent.
    /// </summary>
    public bool Compress { get; set; }

    /// <summary>Writes one message. Done when the transport has taken it: the peer's HTTP/2 window is what makes it wait.</summary>
    /// <param name="message">The message; unchanged until the write is done.</param>
    /// <param name="flush">False lets it wait for the next one that is flushed.</param>
    /// <param name="cancellation">Cancelling a write ends the call, since a half message cannot be taken back.</param>
    /// <exception cref="GrpcException">The call has ended (client).</exception>
    /// <exception cref="OperationCanceledException">The call is over (server), or <paramref name="cancellation"/> was cancelled.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask WriteAsync(T message, bool flush = true, CancellationToken cancellation = default)
    {
        Enter();
        using var joined = _side.Writing.Enter(cancellation);
        try
        {
            _side.ThrowIfEnded();
            _pipe ??= await _side.OpenWriterAsync(joined.Token);
            var tail = Encode(message);
            FlushResult result;
            if (tail.Length > SmallTail)
            {
                _pipe.Write(_head.WrittenSpan);
                result = await _pipe.WriteAsync(tail, joined.Token);
            }
            else if (flush || _head.WrittenCount > SmallTail)
            {
                result = await _pipe.WriteAsync(_head.WrittenMemory, joined.Token);
            }
            else
            {
                _pipe.Write(_head.WrittenSpan);
                return;
            }
            if (result.IsCanceled || result.IsCompleted)
                throw await _side.ExplainWriteAsync(null, cancellation);
        }
        catch (Exception e)
        {
            throw await _side.ExplainWriteAsync(e, cancellation);
        }
        finally
        {
            if (_head.Capacity > LargeHead)
                _head = new ArrayBufferWriter<byte>(256);
            Volatile.Write(ref _busy, 0);
        }
    }

    /// <summary>Sends what was written without a flush. At the server also sends the response headers.</summary>
    public async ValueTask FlushAsync(CancellationToken cancellation = default)
    {
        Enter();
        using var joined = _side.Writing.Enter(cancellation);
        try
        {
            _side.ThrowIfEnded();
            _pipe ??= await _side.OpenWriterAsync(joined.Token);
            var result = await _pipe.FlushAsync(joined.Token);
            if (result.IsCanceled || result.IsCompleted)
                throw await _side.ExplainWriteAsync(null, cancellation);
        }
        catch (Exception e)
        {
            throw await _side.ExplainWriteAsync(e, cancellation);
        }
        finally
        {
            Volatile.Write(ref _busy, 0);
        }
    }

    private void Enter()
    {
        if (Interlocked.Exchange(ref _busy, 1) != 0)
            throw new InvalidOperationException("Another write of this call is still going on; await it first.");
    }

    /// <summary>Leaves prefix and head in the head buffer and returns the tail, which is empty if it was small enough to join.</summary>
    private ReadOnlyMemory<byte> Encode(T message)
    {
        _head.ResetWrittenCount();
        _head.GetSpan(MessageFraming.PrefixLength);
        _head.Advance(MessageFraming.PrefixLength);
        var tail = _marshaller.Write(message, _head);
        var length = _head.WrittenCount - MessageFraming.PrefixLength + (long)tail.Length;
        var compress = Compress && length > 0 && _side.MayCompress;
        if (compress)
        {
            var plain = _head;
            _head = new ArrayBufferWriter<byte>(256);
            _head.Write(plain.WrittenSpan[..MessageFraming.PrefixLength]);
            GzipCoding.Deflate(plain.WrittenSpan[MessageFraming.PrefixLength..], tail.Span, _side.Options.GzipLevel, _head);
            tail = default;
            length = _head.WrittenCount - MessageFraming.PrefixLength;
        }
        else if (tail.Length <= SmallTail)
        {
            _head.Write(tail.Span);
            tail = default;
        }
        var prefix = MemoryMarshal.AsMemory(_head.WrittenMemory).Span[..MessageFraming.PrefixLength];
        MessageFraming.WritePrefix(prefix, compress, length);
        return tail;
    }
}
