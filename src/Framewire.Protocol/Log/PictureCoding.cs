using Framewire.Protocol.Contracts;
using Framewire.Protocol.Video;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Framewire.Protocol.Log;

/// <summary>A picture as Foxglove's schema for its codec, without the picture itself, which follows as the last field. Pure.</summary>
internal static class PictureCoding
{
    /// <summary>Every field but the picture.</summary>
    public static IMessage FieldsOf(Frame frame, SegmentHeader header)
    {
        var (format, timestamp) = (header.Format, ToTimestamp(frame.CapturedAt));
        return format.Codec switch
        {
            Codec.H264 => new Foxglove.CompressedVideo { Timestamp = timestamp, FrameId = header.Stream, Format = "h264" },
            Codec.Jpeg => new Foxglove.CompressedImage { Timestamp = timestamp, FrameId = header.Stream, Format = "jpeg" },
            _ => new Foxglove.RawImage
            {
                Timestamp = timestamp,
                FrameId = header.Stream,
                Width = (uint)format.Width,
                Height = (uint)format.Height,
                Encoding = format.Codec == Codec.Gray ? "mono8" : "bgr8",
                Step = (uint)(format.Codec == Codec.Gray ? format.Width : format.Width * 3),
            },
        };
    }

    /// <summary>A time as Foxglove has it.</summary>
    public static Timestamp ToTimestamp(DateTimeOffset time)
    {
        var micros = Micros.Of(time);
        var seconds = Math.DivRem(micros, 1_000_000, out var rest);
        return rest < 0
            ? new Timestamp { Seconds = seconds - 1, Nanos = (int)(rest + 1_000_000) * 1000 }
            : new Timestamp { Seconds = seconds, Nanos = (int)rest * 1000 };
    }
}
