using System.Buffers;
using Framewire.Protocol.Video;
using Google.Protobuf;

namespace Framewire.Protocol.Contracts;

/// <summary>
/// All of a frame but its payload. The five numbers are read and written here, without an object for each frame; whatever else stands there is for generated
/// code. Immutable.
/// </summary>
/// <param name="Sequence">Field 1.</param>
/// <param name="PtsMicros">Field 2.</param>
/// <param name="CapturedAt">Field 3, microseconds since 1970.</param>
/// <param name="IsKeyframe">Field 4.</param>
/// <param name="ReceivedAt">Field 6, microseconds since 1970.</param>
/// <param name="Metadata">Field 5.</param>
internal readonly record struct FrameFields(
    ulong Sequence, long PtsMicros, long CapturedAt, bool IsKeyframe, long ReceivedAt, IReadOnlyDictionary<string, string> Metadata)
{
    private const int Sequences = 1 << 3, Ptses = 2 << 3, Captures = 3 << 3, Keyframes = 4 << 3, Receipts = 6 << 3;

    /// <summary>Five numbers of at most ten bytes, with a byte in front of each.</summary>
    private const int MaxBytes = 5 * 11;

    public static FrameFields Of(V1.Frame fields) => new(
        fields.Sequence, fields.PtsMicros, fields.CapturedAtUnixMicros, fields.Keyframe, fields.ReceivedAtUnixMicros,
        fields.Metadata.Count == 0 ? Frame.NoMetadata : fields.Metadata);

    public static FrameFields Of(Frame frame) => new(
        frame.Sequence, Micros.Of(frame.Pts), Micros.Of(frame.CapturedAt), frame.IsKeyframe, frame.ReceivedAt == default ? 0 : Micros.Of(frame.ReceivedAt), frame.Metadata);

    /// <summary>Reads what stands around the payload.</summary>
    /// <exception cref="InvalidDataException">The bytes are not of a frame.</exception>
    public static FrameFields Read(in ReadOnlySequence<byte> before, in ReadOnlySequence<byte> after)
    {
        if (after.IsEmpty && TryReadNumbers(before, out var numbers))
            return numbers;
        try
        {
            var fields = V1.Frame.Parser.ParseFrom(before);
            if (!after.IsEmpty)
                fields.MergeFrom(V1.Frame.Parser.ParseFrom(after));
            return Of(fields);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new InvalidDataException($"A frame's fields cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Writes all but the payload, after the tag of a field of that many bytes and <paramref name="more"/>.</summary>
    public void Write(IBufferWriter<byte> head, int outerField, int more)
    {
        Span<byte> numbers = stackalloc byte[MaxBytes];
        var length = 0;
        Add(numbers, ref length, Sequences, Sequence);
        Add(numbers, ref length, Ptses, (ulong)((PtsMicros << 1) ^ (PtsMicros >> 63)));
        Add(numbers, ref length, Captures, (ulong)CapturedAt);
        Add(numbers, ref length, Keyframes, IsKeyframe ? 1u : 0);
        Add(numbers, ref length, Receipts, (ulong)ReceivedAt);
        var metadata = Metadata.Count == 0 ? null : new V1.Frame();
        foreach (var (key, value) in Metadata)
            metadata!.Metadata.Add(key, value);
        LengthDelimitedField.WriteVarint(head, ((ulong)outerField << 3) | 2);
        LengthDelimitedField.WriteVarint(head, (ulong)(length + (metadata?.CalculateSize() ?? 0) + more));
        head.Write(numbers[..length]);
        metadata?.WriteTo(head);
    }

    /// <summary>False if there is anything but the five numbers.</summary>
    private static bool TryReadNumbers(in ReadOnlySequence<byte> bytes, out FrameFields fields)
    {
        var (sequence, pts, captured, keyframe, received) = (0ul, 0ul, 0ul, 0ul, 0ul);
        var reader = new SequenceReader<byte>(bytes);
        fields = default;
        while (!reader.End)
        {
            switch (LengthDelimitedField.ReadVarint(ref reader))
            {
                case Sequences:
                    sequence = LengthDelimitedField.ReadVarint(ref reader);
                    break;
                case Ptses:
                    pts = LengthDelimitedField.ReadVarint(ref reader);
                    break;
                case Captures:
                    captured = LengthDelimitedField.ReadVarint(ref reader);
                    break;
                case Keyframes:
                    keyframe = LengthDelimitedField.ReadVarint(ref reader);
                    break;
                case Receipts:
                    received = LengthDelimitedField.ReadVarint(ref reader);
                    break;
                default:
                    return false;
            }
        }

        fields = new(sequence, (long)(pts >> 1) ^ -(long)(pts & 1), (long)captured, keyframe != 0, (long)received, Frame.NoMetadata);
        return true;
    }

    /// <summary>A number, unless it has its default (protobuf writes none of those).</summary>
    private static void Add(Span<byte> bytes, ref int length, int tag, ulong value)
    {
        if (value == 0)
            return;
        bytes[length++] = (byte)tag;
        for (; value >= 0x80; value >>= 7)
            bytes[length++] = (byte)(value | 0x80);
        bytes[length++] = (byte)value;
    }
}
