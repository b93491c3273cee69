using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Framewire.Protocol.Wire.Http2;

/// <summary>A request's body as a pipe: small writes are gathered, and a large one is sent from where it lies. Owned by one exchange; one thread at a time.</summary>
internal sealed class Http2RequestWriter(Http2Exchange exchange) : PipeWriter
{
    private readonly ArrayBufferWriter<byte> _gathered = new(256);
    private bool _completed;

    public override Memory<byte> GetMemory(int sizeHint = 0) => _gathered.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _gathered.GetSpan(sizeHint);

    public override void Advance(int bytes) => _gathered.Advance(bytes);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => WriteAsync(default, cancellationToken);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        if (_completed || (_gathered.WrittenCount == 0 && source.IsEmpty && exchange.HasBegun))
            return new FlushResult(isCanceled: false, isCompleted: _completed);
        var sent = await exchange.SendAsync(_gathered.WrittenMemory, source, end: false, cancellationToken);
        _gathered.ResetWrittenCount();
        return new FlushResult(isCanceled: false, isCompleted: !sent);
    }

    public override async ValueTask CompleteAsync(Exception? exception = null)
    {
        if (_completed)
            return;
        _completed = true;
        await exchange.SendAsync(_gathered.WrittenMemory, default, end: true, exchange.Over);
    }

    public override void Complete(Exception? exception = null) => throw new NotSupportedException();

    public override void CancelPendingFlush() => throw new NotSupportedException();
}
