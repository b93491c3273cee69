using System.Buffers;
using Framewire.Protocol.Video;

namespace Framewire.Protocol.Contracts;

/// <summary>
/// A frame as <c>framewire.v1.Frame</c>. The payload, the last field, is copied once from the
/// wire into a pooled buffer, and not at all on its way out. Pure.
/// </summary>
internal static class FrameCoding
{
    private const int PayloadField = V1.Frame.PayloadFieldNumber;
    private const byte PayloadTag = (PayloadField << 3) | 2;

    /// <summary>Reads a frame; the caller holds it.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a frame.</exception>
    public static Frame Read(in ReadOnlySequence<byte> message)
    {
        LengthDelimitedField.TrySplit(message, PayloadField, out var before, out var payload, out var after);
        return WithFields(FrameFields.Read(before, after), FrameBuffer.CopyOf(payload));
    }

    /// <summary>Reads the small fields of a frame of which only the start is there; false if its payload is not the last of it.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a frame.</exception>
    public static bool TryReadFields(in ReadOnlySequence<byte> start, long length, out FrameFields fields, out long payload)
    {
        var found = LengthDelimitedField.TryFindLast(start, length, PayloadField, out var before, out payload);
        fields = found ? FrameFields.Read(before, default) : default;
        return found;
    }

    /// <summary>A frame of its small fields and its payload.</summary>
    public static Frame WithFields(in FrameFields fields, FrameBuffer payload) => new()
    {
        Sequence = fields.Sequence,
        Pts = Micros.ToTimeSpan(fields.PtsMicros),
        CapturedAt = Micros.ToDateTimeOffset(fields.CapturedAt),
        ReceivedAt = Micros.ToDateTimeOffset(fields.ReceivedAt),
        IsKeyframe = fields.IsKeyframe,
        Metadata = fields.Metadata,
        Buffer = payload,
    };

    /// <summary>Writes a frame as field <paramref name="outerField"/> of a message that holds nothing else.</summary>
    /// <returns>The payload, which follows the head.</returns>
    public static ReadOnlyMemory<byte> Write(Frame frame, int outerField, IBufferWriter<byte> head)
    {
        var payload = frame.Payload;
        FrameFields.Of(frame).Write(head, outerField, more: 1 + LengthDelimitedField.VarintSize((ulong)payload.Length) + payload.Length);
        LengthDelimitedField.WriteVarint(head, PayloadTag);
        LengthDelimitedField.WriteVarint(head, (ulong)payload.Length);
        return payload;
    }

    /// <summary>All of a frame but its payload.</summary>
    public static V1.Frame FieldsOf(Frame frame)
    {
        var fields = new V1.Frame
        {
            Sequence = frame.Sequence,
            PtsMicros = Micros.Of(frame.Pts),
            CapturedAtUnixMicros = Micros.Of(frame.CapturedAt),
            ReceivedAtUnixMicros = frame.ReceivedAt == default ? 0 : Micros.Of(frame.ReceivedAt),
            Keyframe = frame.IsKeyframe,
        };
        foreach (var (key, value) in frame.Metadata)
            fields.Metadata.Add(key, value);
        return fields;
    }
}
