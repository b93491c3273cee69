using System.Buffers;
using Framewire.Protocol.Wire;

namespace Framewire.Tests.Testing;

/// <summary>Messages that are just bytes; they travel as tail, as a picture does. Refuses what starts with 0xFF. Stateless.</summary>
internal sealed class BytesMarshaller : Marshaller<byte[]>
{
    public static readonly BytesMarshaller Instance = new();

    public override byte[] Read(in ReadOnlySequence<byte> message) =>
        !message.IsEmpty && message.FirstSpan[0] == 0xFF ? throw new InvalidDataException("It starts with FF.") : message.ToArray();

    public override ReadOnlyMemory<byte> Write(byte[] message, IBufferWriter<byte> head) => message;
}
