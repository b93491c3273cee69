using System.Buffers;
using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using Framewire.Protocol.Video;
using Framewire.Tests.Testing;
using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf;
using Frame = Framewire.Protocol.Video.Frame;

namespace Framewire.Tests.Contracts;

/// <summary>Our reading and writing of frames against Google's own protobuf, which nobody here wrote.</summary>
public sealed class FrameCodingTests
{
    private static byte[] Write(FrameOr<PublishRequest> message)
    {
        var head = new ArrayBufferWriter<byte>();
        var tail = IngestContract.Publish.Requests.Write(message, head);
        return [.. head.WrittenSpan, .. tail.Span];
    }

    private static FrameOr<PublishRequest> Read(byte[] message) => IngestContract.Publish.Requests.Read(new ReadOnlySequence<byte>(message));

    private static Frame Sample(byte[] payload) => new()
    {
        Sequence = ulong.MaxValue,
        Pts = TimeSpan.FromMicroseconds(-40_001),
        CapturedAt = ManualClock.Start.AddMicroseconds(7),
        IsKeyframe = true,
        Metadata = new Dictionary<string, string> { ["gps"] = "48.1,11.6", ["λ"] = "" },
        Buffer = FrameBuffer.CopyOf(payload),
    };

    [Fact]
    public void Googles_parser_reads_what_we_write()
    {
        var parsed = PublishRequest.Parser.ParseFrom(Write(new(Sample([1, 2, 3])))).Frame;

        Assert.Equal(ulong.MaxValue, parsed.Sequence);
        Assert.Equal(-40_001, parsed.PtsMicros);
        Assert.Equal(Micros.Of(ManualClock.Start) + 7, parsed.CapturedAtUnixMicros);
        Assert.True(parsed.Keyframe);
        Assert.Equal("48.1,11.6", parsed.Metadata["gps"]);
        Assert.Equal([1, 2, 3], parsed.Payload.ToByteArray());
    }

    [Fact]
    public void We_read_what_Googles_writer_writes() => Prop.ForAll<byte[], ulong, long>((payload, sequence, pts) =>
    {
        var keyframe = pts % 2 == 0;
        var theirs = new V1FrameBuilder(payload ?? [], sequence, pts % 1_000_000_000_000, keyframe);
        var ours = Read(new PublishRequest { Frame = theirs.Build() }.ToByteArray()).Frame!;
        return ours.Sequence == sequence && Micros.Of(ours.Pts) == theirs.Pts && ours.IsKeyframe == keyframe
            && ours.Payload.Span.SequenceEqual(payload ?? []);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void What_we_write_we_read_back_whatever_the_payload() => Prop.ForAll<byte[]>(payload =>
    {
        var sample = Sample(payload ?? []);
        var back = Read(Write(new(sample))).Frame!;
        return back with { Buffer = sample.Buffer, Metadata = sample.Metadata } == sample && back.Payload.Span.SequenceEqual(sample.Payload.Span);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_fields_may_come_in_any_order_with_unknown_ones_between()
    {
        // protobuf.dev, "Encoding": parsers must accept fields in any order.
        byte[] frame =
        [
            0x7A, 0x02, 0xAA, 0xBB, // payload (15), a first one, which the last one overrides
            0xA0, 0x06, 0x01, // field 100, varint: unknown here
            0x20, 0x01, // keyframe (4): true
            0x7A, 0x03, 0x01, 0x02, 0x03, // payload (15)
            0x08, 0x09, // sequence (1): 9
        ];
        byte[] message = [0x7A, (byte)frame.Length, .. frame];

        var read = Read(message).Frame!;

        Assert.Equal((9ul, true), (read.Sequence, read.IsKeyframe));
        Assert.Equal([1, 2, 3], read.Payload.ToArray());
    }

    [Fact]
    public void Of_two_members_of_the_oneof_the_last_counts()
    {
        var frame = Write(new(Sample([1])));
        var heartbeat = new PublishRequest { Heartbeat = new() { SentAtUnixMicros = 5 } }.ToByteArray();

        Assert.NotNull(Read([.. heartbeat, .. frame]).Frame);
        Assert.Equal(5, Read([.. frame, .. heartbeat]).Other!.Heartbeat.SentAtUnixMicros);
    }

    [Fact]
    public void Bytes_that_are_no_message_are_InvalidData_and_nothing_else() => Prop.ForAll<byte[]>(garbage =>
    {
        try
        {
            Read([0x7A, .. garbage ?? []]);
            return true;
        }
        catch (InvalidDataException)
        {
            return true;
        }
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_message_cut_anywhere_is_InvalidData_or_a_smaller_message()
    {
        var whole = Write(new(Sample(new byte[300])));
        for (var length = 3; length < whole.Length; length++)
            Assert.Throws<InvalidDataException>(() => Read(whole[..length]));
    }

    [Fact]
    public void The_seeds_messages_are_read_and_written_as_protobuf_has_them()
    {
        var head = new ArrayBufferWriter<byte>();
        var tail = AnalyseContract.Analyse.Requests.Write(FrameBuffer.CopyOf([7, 8, 9]), head);
        Assert.Equal([0x0A, 0x03, 7, 8, 9], [.. head.WrittenSpan, .. tail.Span]);

        Assert.Equal(1, AnalyseContract.Analyse.Responses.Read(new ReadOnlySequence<byte>([0x08, 0x01])));
        Assert.Equal(-1, AnalyseContract.Analyse.Responses.Read(new ReadOnlySequence<byte>([0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01])));
        Assert.Equal(0, AnalyseContract.Analyse.Responses.Read(ReadOnlySequence<byte>.Empty));
        Assert.Equal(0, AnalyseContract.Analyse.Requests.Read(ReadOnlySequence<byte>.Empty).Length);
    }

    [Theory]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    public void A_time_out_of_range_becomes_the_nearest_one(long micros)
    {
        Assert.InRange(Micros.ToDateTimeOffset(micros), DateTimeOffset.MinValue, DateTimeOffset.MaxValue);
        Assert.InRange(Micros.ToTimeSpan(micros), TimeSpan.MinValue, TimeSpan.MaxValue);
    }

    /// <summary>A frame made by Google's generated code.</summary>
    private sealed record V1FrameBuilder(byte[] Payload, ulong Sequence, long Pts, bool Keyframe)
    {
        public Protocol.V1.Frame Build() => new()
        {
            Sequence = Sequence,
            PtsMicros = Pts,
            Keyframe = Keyframe,
            Payload = ByteString.CopyFrom(Payload),
        };
    }
}
