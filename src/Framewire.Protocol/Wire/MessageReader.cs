using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Framewire.Protocol.Wire;

/// <summary>
/// The messages that come from the peer, one after the other. Owned by its call; one reader at a time, except for <see cref="BytesReceived"/>.
/// </summary>
/// <remarks>
/// At the client a status other than OK is a <see cref="GrpcException"/>, thrown after the last message. At the server a call that is over (deadline,
/// cancelled by the peer, lost connection, shutdown) is an <see cref="OperationCanceledException"/>. Cancelling a read ends the call at the client.
/// </remarks>
public sealed class MessageReader<T>
{
    /// <summary>Messages from this size on are taken in as they come.</summary>
    private const int LargeMessage = 128 * 1024;

    /// <summary>Of which so much must be there, so that nobody gets memory set aside by a prefix alone.</summary>
    private const int LeastPart = 8;

    private readonly CallSide _side;
    private readonly Marshaller<T> _marshaller;
    private PipeReader? _pipe;
    private MessageAssembly<T>? _assembly;
    private long _missing;
    private bool _ended;
    private long _taken;
    private long _received;

    internal MessageReader(CallSide side, Marshaller<T> marshaller) => (_side, _marshaller) = (side, marshaller);

    /// <summary>The message that the last move came to.</summary>
    public T Current { get; private set; } = default!;

    /// <summary>The bytes that have arrived so far, prefixes and unfinished messages included. Any thread may ask: it tells a silent peer from a slow one.</summary>
    public long BytesReceived => Volatile.Read(ref _received);

    /// <summary>Moves to the next message; false after the last.</summary>
    /// <exception cref="GrpcException">The call ended with another status than OK (client), or the bytes are not a message.</exception>
    /// <exception cref="OperationCanceledException">The call is over (server), or <paramref name="cancellation"/> was cancelled.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> MoveNextAsync(CancellationToken cancellation = default)
    {
        if (_ended)
        {
            await _side.ReadingEndedAsync(cancellation);
            return false;
        }
        using var joined = _side.Reading.Enter(cancellation);
        try
        {
            _pipe ??= await _side.OpenReaderAsync(joined.Token);
            if (_pipe is not null && await ReadMessageAsync(_pipe, joined.Token))
                return true;
        }
        catch (Exception e)
        {
            GiveUp();
            throw await _side.ExplainReadAsync(e, cancellation);
        }
        _ended = true;
        await _side.ReadingEndedAsync(cancellation);
        return false;
    }

    /// <summary>Every message that is still to come.</summary>
    public async IAsyncEnumerable<T> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        while (await MoveNextAsync(cancellation))
            yield return Current;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> ReadMessageAsync(PipeReader pipe, CancellationToken joined)
    {
        while (true)
        {
            var read = await pipe.ReadAsync(joined);
            if (read.IsCanceled)
                throw new OperationCanceledException();
            var arrived = read.Buffer;
            Volatile.Write(ref _received, _taken + arrived.Length);
            var (consumed, examined) = (arrived.End, arrived.End);
            try
            {
                if (_assembly is not null ? TryFinish(arrived, out var taken) : TryTake(arrived, out taken))
                {
                    (consumed, examined) = (taken, taken);
                    _taken += arrived.Slice(0, taken).Length;
                    return true;
                }
                if (read.IsCompleted)
                    return arrived.IsEmpty && _assembly is null ? false : throw new GrpcException(GrpcStatusCode.Internal, "The peer's last message is cut short.");
                // Everything has been looked at: this is what gives the peer more of the HTTP/2 window in the middle of a large message.
                consumed = taken;
                _taken += arrived.Slice(0, taken).Length;
            }
            finally
            {
                // At the end and after a failure too: HTTP/1.1 drains what is left of the request by itself, and must find the pipe free.
                pipe.AdvanceTo(consumed, examined);
            }
        }
    }

    private bool TryTake(in ReadOnlySequence<byte> arrived, out SequencePosition consumed)
    {
        consumed = arrived.Start;
        var limit = _side.Options.MaxMessageBytes;
        switch (MessageFraming.TryRead(arrived, limit, out var compressed, out var length, out var message))
        {
            case FramingOutcome.NotYet when !compressed && length >= LargeMessage && arrived.Length > length / LeastPart:
                consumed = Begin(arrived, (int)length);
                return false;
            case FramingOutcome.NotYet when !compressed || _side.PeerCompresses:
                return false;
            case FramingOutcome.BadFlag:
                throw new GrpcException(GrpcStatusCode.Internal, "A message starts with a flag other than 0 and 1.");
            case FramingOutcome.TooLarge:
                throw new GrpcException(GrpcStatusCode.ResourceExhausted, $"A message of {length} bytes is over the limit of {limit}.");
        }
        if (compressed && !_side.PeerCompresses)
            throw new GrpcException(GrpcStatusCode.Internal, "A message is marked as compressed, but no grpc-encoding was announced.");
        consumed = message.End;
        _side.LastMessageWasCompressed = compressed;
        try
        {
            Current = compressed ? ReadInflated(message, limit) : _marshaller.Read(message);
        }
        catch (InvalidDataException e)
        {
            throw new GrpcException(GrpcStatusCode.Internal, e.Message, e);
        }
        return true;
    }

    /// <summary>Takes in the start of a large message, if its kind can be taken in by parts. Returns up to where.</summary>
    private SequencePosition Begin(in ReadOnlySequence<byte> arrived, int length)
    {
        var start = arrived.Slice(MessageFraming.PrefixLength);
        try
        {
            _assembly = _marshaller.TryBegin(start, length);
        }
        catch (InvalidDataException e)
        {
            throw new GrpcException(GrpcStatusCode.Internal, e.Message, e);
        }
        _missing = length - start.Length;
        return _assembly is null ? arrived.Start : arrived.End;
    }

    /// <summary>Takes in more of a large message; true when it is whole.</summary>
    private bool TryFinish(in ReadOnlySequence<byte> arrived, out SequencePosition consumed)
    {
        var part = arrived.Slice(0, Math.Min(arrived.Length, _missing));
        _assembly!.Append(part);
        _missing -= part.Length;
        consumed = part.End;
        if (_missing > 0)
            return false;
        _side.LastMessageWasCompressed = false;
        Current = _assembly.Finish();
        _assembly = null;
        return true;
    }

    /// <summary>The call is over: a message that was half here is given back.</summary>
    private void GiveUp()
    {
        _assembly?.Dispose();
        _assembly = null;
    }

    private T ReadInflated(in ReadOnlySequence<byte> message, int limit)
    {
        using var inflated = GzipCoding.Inflate(message, limit);
        return _marshaller.Read(inflated.Bytes());
    }
}
