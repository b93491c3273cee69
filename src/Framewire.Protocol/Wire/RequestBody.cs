using System.Runtime.CompilerServices;

namespace Framewire.Protocol.Wire;

/// <summary>
/// A request body on its way to the handler, which remembers whether a write is going on and how it failed: the handler's own body bears one write at a time. Owned by its
/// content; the call writes, the content asks.
/// </summary>
internal sealed class RequestBody(Stream inner) : Stream
{
    private static readonly byte[] AnyByte = new byte[1];

    private readonly Lock _lock = new();
    private TaskCompletionSource<Exception?>? _asked;
    private bool _writing;

    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var write = inner.WriteAsync(buffer, cancellationToken);
        return write.IsCompletedSuccessfully ? write : WatchAsync(write);
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    /// <summary>
    /// Throws why the HTTP/2 stream ended, if there is a reason. To be asked only when nothing can be sent any more: it asks by a write, unless one is failing just now.
    /// </summary>
    public async Task ThrowReasonAsync(CancellationToken cancelled)
    {
        Task<Exception?>? failing = null;
        lock (_lock)
        {
            if (_writing)
                failing = (_asked ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
        if (failing is null)
            await inner.WriteAsync(AnyByte, cancelled);
        else if (await failing is { } reason and not OperationCanceledException)
            throw reason;
    }

    public override void Flush() => throw new NotSupportedException();
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask WatchAsync(ValueTask write)
    {
        lock (_lock)
            _writing = true;
        Exception? failure = null;
        try
        {
            await write;
        }
        catch (Exception e)
        {
            failure = e;
            throw;
        }
        finally
        {
            lock (_lock)
            {
                _writing = false;
                _asked?.SetResult(failure);
                _asked = null;
            }
        }
    }
}
