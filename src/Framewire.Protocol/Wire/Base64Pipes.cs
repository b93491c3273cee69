using System.Buffers;
using System.Buffers.Text;
using System.IO.Pipelines;

namespace Framewire.Protocol.Wire;

/// <summary>
/// Reads a base64 body as bytes. Pieces that were encoded one by one stand behind each other, so padding may come in the middle
/// (PROTOCOL-WEB.md, "text-encoded"). Owned by one exchange; one reader.
/// </summary>
internal sealed class Base64Body(PipeReader inner) : Stream
{
    private const int QuadChars = 4;
    private const int QuadBytes = 3;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var read = await inner.ReadAsync(cancellationToken);
            if (read.IsCanceled)
                throw new OperationCanceledException();
            var (consumed, examined) = (read.Buffer.End, read.Buffer.End);
            try
            {
                var written = Decode(read.Buffer, buffer.Span, out var decoded);
                if (written == 0 && read.IsCompleted)
                    return read.Buffer.Slice(decoded).IsEmpty ? 0 : throw new GrpcException(GrpcStatusCode.Internal, "The base64 of the request is cut short.");
                consumed = decoded;
                if (written == 0)
                    continue;
                examined = decoded;
                return written;
            }
            finally
            {
                inner.AdvanceTo(consumed, examined);
            }
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override void Flush() => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <summary>Decodes the whole quads at the start that fit; a padded one may be followed by others.</summary>
    private static int Decode(in ReadOnlySequence<byte> encoded, Span<byte> target, out SequencePosition consumed)
    {
        var quads = (int)Math.Min(encoded.Length / QuadChars, target.Length / QuadBytes);
        var text = new byte[quads * QuadChars];
        encoded.Slice(0, text.Length).CopyTo(text);
        consumed = encoded.GetPosition(text.Length);
        var (read, written) = (0, 0);
        while (read < text.Length)
        {
            var padding = text.AsSpan(read).IndexOf((byte)'=');
            var end = padding < 0 ? text.Length : read + (padding / QuadChars + 1) * QuadChars;
            if (Base64.DecodeFromUtf8(text.AsSpan(read, end - read), target[written..], out var used, out var made) != OperationStatus.Done || used != end - read)
                throw new GrpcException(GrpcStatusCode.Internal, "The request is not base64, as its content type says.");
            (read, written) = (end, written + made);
        }
        return written;
    }
}

/// <summary>Writes bytes as base64, each flush a piece of its own with its padding. Owned by one exchange; one writer.</summary>
internal sealed class Base64PipeWriter(PipeWriter inner) : PipeWriter
{
    private readonly ArrayBufferWriter<byte> _plain = new();

    public override Memory<byte> GetMemory(int sizeHint = 0) => _plain.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _plain.GetSpan(sizeHint);

    public override void Advance(int bytes) => _plain.Advance(bytes);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (_plain.WrittenCount > 0)
        {
            var target = inner.GetSpan(Base64.GetMaxEncodedToUtf8Length(_plain.WrittenCount));
            Base64.EncodeToUtf8(_plain.WrittenSpan, target, out _, out var written);
            inner.Advance(written);
            _plain.ResetWrittenCount();
        }
        return inner.FlushAsync(cancellationToken);
    }

    public override void CancelPendingFlush() => inner.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);
}
