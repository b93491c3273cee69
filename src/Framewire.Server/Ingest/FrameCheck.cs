using System.Buffers;
using Framewire.Protocol.V1;
using Framewire.Protocol.Video;
using Frame = Framewire.Protocol.Video.Frame;

namespace Framewire.Server.Ingest;

/// <summary>Whether a frame is what its stream's format says, judged by its size and first bytes; nothing is decoded. Pure.</summary>
internal static class FrameCheck
{
    /// <summary>Metadata pairs on one frame.</summary>
    public const int MaxMetadataPairs = 64;

    /// <summary>Characters of metadata on one frame, keys and values together.</summary>
    public const int MaxMetadataLength = 16 * 1024;

    private static readonly SearchValues<byte> NotZero = SearchValues.Create([.. Enumerable.Range(1, 255).Select(b => (byte)b)]);

    /// <summary>What is wrong with the frame; null if nothing is.</summary>
    public static Rejection? Judge(Frame frame, StreamFormat format)
    {
        if (frame.Metadata.Count > MaxMetadataPairs || frame.Metadata.Sum(pair => pair.Key.Length + pair.Value.Length) > MaxMetadataLength)
        {
            return Refuse(
                Rejection.Types.Code.MetadataTooLarge,
                $"the metadata is over {MaxMetadataPairs} pairs or {MaxMetadataLength} characters");
        }

        return JudgePayload(frame.Payload.Span, format);
    }

    /// <summary>What is wrong with a payload; null if nothing is.</summary>
    public static Rejection? JudgePayload(ReadOnlySpan<byte> payload, StreamFormat format)
    {
        if (format.RawFrameBytes is { } raw)
        {
            return payload.Length == raw
                ? null
                : Refuse(Rejection.Types.Code.WrongSize, $"a {format} frame has {raw} bytes, this one {payload.Length}");
        }

        if (payload.IsEmpty)
            return Refuse(Rejection.Types.Code.WrongSize, "the frame is empty");
        var fits = format.Codec == Protocol.Video.Codec.Jpeg ? StartsAsJpeg(payload) : StartsAsAnnexB(payload);
        return fits
            ? null
            : Refuse(Rejection.Types.Code.WrongCodec, $"the frame does not start as {format.Codec.ToString().ToUpperInvariant()} does");
    }

    /// <summary>SOI and the first byte of the next marker (ITU-T T.81, B.1.1.2).</summary>
    public static bool StartsAsJpeg(ReadOnlySpan<byte> payload) => payload.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]);

    /// <summary>Two or more zero bytes, then a one (ITU-T H.264, B.1.1).</summary>
    private static bool StartsAsAnnexB(ReadOnlySpan<byte> payload)
    {
        var zeros = payload.IndexOfAny(NotZero);
        return zeros >= 2 && payload[zeros] == 1;
    }

    private static Rejection Refuse(Rejection.Types.Code code, string detail) => new() { Code = code, Detail = detail };
}
