using System.IO.Pipelines;
using Framewire.Protocol.Wire;

namespace Framewire.Tests.Testing;

/// <summary>A call that is nothing but two pipes: for tests of the reader and the writer of messages. Owned by one test.</summary>
internal sealed class PipeSide(PipeReader? reader = null, PipeWriter? writer = null, WireOptions? options = null) : CallSide(options ?? new WireOptions())
{
    public override CancellationToken Over => default;

    public override bool PeerCompresses => Compresses;

    public override bool MayCompress => Compresses;

    public bool Compresses { get; init; }

    public override ValueTask<PipeReader?> OpenReaderAsync(CancellationToken cancellation) => new(reader);

    public override ValueTask<PipeWriter> OpenWriterAsync(CancellationToken cancellation) => new(writer!);

    public override void ThrowIfEnded()
    {
    }

    public override ValueTask ReadingEndedAsync(CancellationToken cancellation) => default;

    public override ValueTask<Exception> ExplainReadAsync(Exception? failure, CancellationToken cancellation) => new(failure ?? new OperationCanceledException());

    public override ValueTask<Exception> ExplainWriteAsync(Exception? failure, CancellationToken cancellation) => new(failure ?? new OperationCanceledException());
}
