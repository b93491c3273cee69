using System.Buffers;
using Framewire.Protocol.Video;
using Framewire.Protocol.Wire;
using Google.Protobuf;

namespace Framewire.Protocol.Contracts;

/// <summary>A message that is either a frame, held by whoever has the message, or something else of the contract.</summary>
/// <typeparam name="TOther">The generated message, whose oneof has a field for the frame; here it never holds one.</typeparam>
public readonly record struct FrameOr<TOther>
    where TOther : class, IMessage<TOther>, new()
{
    /// <summary>A frame.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="beside">The message's fields beside its oneof; null if they have their defaults.</param>
    public FrameOr(Frame frame, TOther? beside = null) => (Frame, Other) = (frame, beside);

    /// <summary>Anything else.</summary>
    public FrameOr(TOther other) => Other = other;

    /// <summary>The frame, if it is one.</summary>
    public Frame? Frame { get; }

    /// <summary>The message, if it is no frame; beside a frame, the message's other fields, if any are set.</summary>
    public TOther? Other { get; }
}

/// <summary>Reads and writes <see cref="FrameOr{TOther}"/>, keeping the picture out of generated code. Stateless.</summary>
/// <param name="frameField">The number of the frame's field in the oneof.</param>
internal sealed class FrameOrMarshaller<TOther>(int frameField) : Marshaller<FrameOr<TOther>>
    where TOther : class, IMessage<TOther>, new()
{
    private readonly Marshaller<TOther> _others = Marshaller.Protobuf<TOther>();

    public override FrameOr<TOther> Read(in ReadOnlySequence<byte> message)
    {
        // Of several members of a oneof the last one counts.
        if (LengthDelimitedField.TrySplit(message, frameField, out var before, out var frame, out var after) && after.IsEmpty)
        {
            var beside = before.IsEmpty ? null : _others.Read(before);
            return new(FrameCoding.Read(frame), beside);
        }

        return new(_others.Read(message));
    }

    public override MessageAssembly<FrameOr<TOther>>? TryBegin(in ReadOnlySequence<byte> start, int length)
    {
        if (!LengthDelimitedField.TryFindLast(start, length, frameField, out var before, out var frameAt)
            || !FrameCoding.TryReadFields(start.Slice(frameAt), length - frameAt, out var fields, out var payloadAt))
        {
            return null;
        }

        var beside = before.IsEmpty ? null : _others.Read(before);
        var assembly = new PayloadAssembly<FrameOr<TOther>>(
            (int)(length - frameAt - payloadAt), payload => new(FrameCoding.WithFields(fields, payload), beside));
        assembly.Append(start.Slice(frameAt + payloadAt));
        return assembly;
    }

    public override ReadOnlyMemory<byte> Write(FrameOr<TOther> message, IBufferWriter<byte> head)
    {
        if (message.Other is { } other)
            _others.Write(other, head);
        return message.Frame is { } frame ? FrameCoding.Write(frame, frameField, head) : default;
    }
}
