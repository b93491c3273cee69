using System.Buffers;
using Framewire.Protocol.Video;
using Framewire.Protocol.Wire;

namespace Framewire.Protocol.Contracts;

/// <summary>
/// <c>video.Analyse</c>, the contract of the Python program that Framewire grew from: a bare picture in, an integer back.
/// <c>service video</c> has no package, so the path is <c>/video/Analyse</c>. See protos/video.proto.
/// </summary>
public static class AnalyseContract
{
    /// <summary>Pictures in, one integer back for each, in order. The picture's buffer is held by whoever has the message.</summary>
    public static Method<FrameBuffer, int> Analyse { get; } = new(
        CallKind.Duplex, "video", "Analyse", new PictureMarshaller(), new ReplyMarshaller());

    /// <summary><c>MsgRequest { bytes img = 1; }</c>. Stateless.</summary>
    private sealed class PictureMarshaller : Marshaller<FrameBuffer>
    {
        private const int Field = 1;

        public override FrameBuffer Read(in ReadOnlySequence<byte> message)
        {
            LengthDelimitedField.TrySplit(message, Field, out _, out var picture, out _);
            return FrameBuffer.CopyOf(picture);
        }

        public override MessageAssembly<FrameBuffer>? TryBegin(in ReadOnlySequence<byte> start, int length)
        {
            if (!LengthDelimitedField.TryFindLast(start, length, Field, out _, out var picture))
                return null;
            var assembly = new PayloadAssembly<FrameBuffer>((int)(length - picture), static buffer => buffer);
            assembly.Append(start.Slice(picture));
            return assembly;
        }

        public override ReadOnlyMemory<byte> Write(FrameBuffer message, IBufferWriter<byte> head)
        {
            LengthDelimitedField.WriteVarint(head, (Field << 3) | 2);
            LengthDelimitedField.WriteVarint(head, (ulong)message.Length);
            return message.Memory;
        }
    }

    /// <summary><c>MsgReply { int32 reply = 1; }</c>. Stateless.</summary>
    private sealed class ReplyMarshaller : Marshaller<int>
    {
        private readonly Marshaller<Google.Protobuf.WellKnownTypes.Int32Value> _sameOnTheWire =
            Marshaller.Protobuf<Google.Protobuf.WellKnownTypes.Int32Value>();

        public override int Read(in ReadOnlySequence<byte> message) => _sameOnTheWire.Read(message).Value;

        public override ReadOnlyMemory<byte> Write(int message, IBufferWriter<byte> head) =>
            _sameOnTheWire.Write(new() { Value = message }, head);
    }
}
