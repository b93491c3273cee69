using System.Buffers;
using Framewire.Protocol.Video;
using Framewire.Protocol.Wire;

namespace Framewire.Protocol.Contracts;

/// <summary>A message that ends with a picture, on its way in. Owned by the reader that began it; one thread.</summary>
/// <param name="length">Bytes of the picture.</param>
/// <param name="finish">Makes the message of its picture, whose buffer it then holds.</param>
internal sealed class PayloadAssembly<T>(int length, Func<FrameBuffer, T> finish) : MessageAssembly<T>
{
    private FrameBuffer? _payload = FrameBuffer.Rent(length);
    private int _filled;

    public override void Append(in ReadOnlySequence<byte> bytes)
    {
        bytes.CopyTo(_payload!.Memory.Span[_filled..]);
        _filled += (int)bytes.Length;
    }

    public override T Finish()
    {
        var message = finish(_payload!);
        _payload = null;
        return message;
    }

    protected override void Dispose(bool disposing)
    {
        _payload?.Release();
        _payload = null;
    }
}
