using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Framewire.Protocol.Wire.Http2;

/// <summary>
/// A response's body as a pipe. What came before a failure is read before the failure is thrown; what has been looked at opens the window again, so that a
/// message may be larger than the window. Owned by one exchange; one thread at a time.
/// </summary>
internal sealed class Http2ResponseReader(Http2Exchange exchange, PipeReader inner) : PipeReader
{
    private ReadOnlySequence<byte> _buffer;
    private long _looked;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (exchange.Failure is null)
        {
            var result = await inner.ReadAsync(cancellationToken);
            _buffer = result.Buffer;
            if (!result.IsCanceled)
                return result;
            // The call failed while this waited.
            inner.AdvanceTo(_buffer.Start, _buffer.GetPosition(_looked));
        }
        // More than what was looked at already: the failure can wait.
        if (exchange.Failure is not OperationCanceledException && inner.TryRead(out var last))
        {
            _buffer = last.Buffer;
            return new ReadResult(_buffer, isCanceled: false, isCompleted: false);
        }
        throw exchange.Failure!;
    }

    public override bool TryRead(out ReadResult result) => throw new NotSupportedException();

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        var looked = _buffer.Slice(0, examined).Length;
        var taken = _buffer.Slice(0, consumed).Length;
        if (looked > _looked)
            exchange.ReturnWindow((int)(looked - _looked));
        _looked = Math.Max(looked, _looked) - taken;
        inner.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);
}
