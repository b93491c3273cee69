using System.Buffers;
using Framewire.Protocol.Video;
using Google.Protobuf.Reflection;

namespace Framewire.Protocol.Log;

/// <summary>The channels of a segment and their schemas; a channel and its schema have the same number. Stateless.</summary>
/// <remarks>
/// <code>
///   1  /STREAM/frame        framewire.v1.Frame without its payload: the note
///   2  /STREAM/picture      foxglove.CompressedVideo, CompressedImage or RawImage, behind its note
///   3  /STREAM/gap          framewire.v1.RecordedGap
///   4  /STREAM/results      framewire.v1.FrameResults, in chunks of their own
///   5  /STREAM/annotations  foxglove.ImageAnnotations: the same, to be drawn over the picture, behind each
/// </code>
/// Segments of earlier versions have the first three.
/// https://mcap.dev/spec#schema-op0x03
/// </remarks>
internal static class SegmentChannels
{
    public const ushort Notes = 1;
    public const ushort Pictures = 2;
    public const ushort Gaps = 3;
    public const ushort Results = 4;
    public const ushort Annotations = 5;
    public const ushort Count = 5;

    /// <summary>The field of the picture's schema that has the picture itself.</summary>
    public static int PictureField(Codec codec) => codec switch
    {
        Codec.H264 => Foxglove.CompressedVideo.DataFieldNumber,
        Codec.Jpeg => Foxglove.CompressedImage.DataFieldNumber,
        _ => Foxglove.RawImage.DataFieldNumber,
    };

    /// <summary>Writes the Schema records.</summary>
    public static void WriteSchemas(IBufferWriter<byte> to, SegmentHeader header)
    {
        for (ushort number = 1; number <= Count; number++)
        {
            var (id, schema) = (number, SchemaOf(number, header));
            to.PutRecord(McapOpcode.Schema, record =>
            {
                record.PutUInt16(id);
                record.PutString(schema.FullName);
                record.PutString("protobuf");
                record.PutSized(SchemaCoding.Of(schema));
            });
        }
    }

    /// <summary>Writes the Channel records.</summary>
    public static void WriteChannels(IBufferWriter<byte> to, SegmentHeader header)
    {
        for (ushort number = 1; number <= Count; number++)
        {
            var id = number;
            to.PutRecord(McapOpcode.Channel, record =>
            {
                record.PutUInt16(id);
                record.PutUInt16(id);
                record.PutString($"/{header.Stream}/{Topic(id)}");
                record.PutString("protobuf");
                record.PutSized([]);
            });
        }
    }

    private static string Topic(ushort channel) => channel switch
    {
        Notes => "frame",
        Pictures => "picture",
        Gaps => "gap",
        Results => "results",
        _ => "annotations",
    };

    private static MessageDescriptor SchemaOf(ushort channel, SegmentHeader header) => (channel, header.Format.Codec) switch
    {
        (Notes, _) => V1.Frame.Descriptor,
        (Gaps, _) => V1.RecordedGap.Descriptor,
        (Results, _) => V1.FrameResults.Descriptor,
        (Annotations, _) => Foxglove.ImageAnnotations.Descriptor,
        (_, Codec.H264) => Foxglove.CompressedVideo.Descriptor,
        (_, Codec.Jpeg) => Foxglove.CompressedImage.Descriptor,
        _ => Foxglove.RawImage.Descriptor,
    };
}
