using System.Buffers;
using Framewire.Edge.Sources;
using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using Framewire.Protocol.Video;
using Framewire.Protocol.Wire;
using Framewire.Tests.Testing;
using Google.Protobuf;

namespace Framewire.Tests.Contracts;

/// <summary>Large messages that are taken in as they come: the same as if they had been read whole, wherever the first part ends.</summary>
public sealed class FrameAssemblyTests
{
    private static readonly Marshaller<FrameOr<PublishRequest>> Requests = IngestContract.Publish.Requests;

    private static readonly byte[] Payload = [.. Enumerable.Range(0, 500).Select(value => (byte)value)];

    /// <summary>Written by Google's code.</summary>
    private static readonly byte[] Message = new PublishRequest
    {
        Frame = new Framewire.Protocol.V1.Frame { Sequence = 7, PtsMicros = -5, Keyframe = true, Metadata = { ["gps"] = "48.1,11.6" }, Payload = ByteString.CopyFrom(Payload) },
    }.ToByteArray();

    [Fact]
    public void A_frame_is_the_same_wherever_its_first_part_ends()
    {
        var begun = 0;
        for (var first = 0; first <= Message.Length; first++)
        {
            if (Requests.TryBegin(new ReadOnlySequence<byte>(Message, 0, first), Message.Length) is not { } assembly)
                continue;
            begun++;
            for (var at = first; at < Message.Length; at += 33)
                assembly.Append(new ReadOnlySequence<byte>(Message, at, Math.Min(33, Message.Length - at)));
            var frame = assembly.Finish().Frame!;
            Assert.Equal((7ul, TimeSpan.FromMicroseconds(-5), true, "48.1,11.6"), (frame.Sequence, frame.Pts, frame.IsKeyframe, frame.Metadata["gps"]));
            Assert.Equal(Payload, frame.Payload.ToArray());
        }
        // It needs the fields in front of the payload, and 20 bytes more to be sure.
        Assert.InRange(begun, Payload.Length - 25, Payload.Length);
    }

    [Fact]
    public void What_stands_beside_a_frame_is_read_too()
    {
        var message = new AttachResponse { Stream = "cam", Frame = new Framewire.Protocol.V1.Frame { Payload = ByteString.CopyFrom(Payload) } }.ToByteArray();
        var assembly = ProcessingContract.Attach.Responses.TryBegin(new ReadOnlySequence<byte>(message, 0, 100), message.Length)!;
        assembly.Append(new ReadOnlySequence<byte>(message, 100, message.Length - 100));
        var read = assembly.Finish();
        Assert.Equal("cam", read.Other!.Stream);
        Assert.Equal(Payload, read.Frame!.Payload.ToArray());
    }

    [Fact]
    public void A_message_of_another_shape_must_be_whole_first()
    {
        // Something behind the payload, something behind the frame, and no frame at all.
        Assert.Null(Requests.TryBegin(new ReadOnlySequence<byte>(Message, 0, 100), Message.Length + 4));
        var open = new PublishRequest { Open = new Open { Stream = new string('s', 400) } }.ToByteArray();
        Assert.Null(Requests.TryBegin(new ReadOnlySequence<byte>(open, 0, 100), open.Length));
    }

    [Fact]
    public void The_seeds_picture_is_taken_in_as_it_comes()
    {
        var message = new ArrayBufferWriter<byte>();
        var picture = FrameBuffer.CopyOf(Payload);
        message.Write(AnalyseContract.Analyse.Requests.Write(picture, message).Span);
        var assembly = AnalyseContract.Analyse.Requests.TryBegin(new ReadOnlySequence<byte>(message.WrittenMemory[..50]), message.WrittenCount)!;
        assembly.Append(new ReadOnlySequence<byte>(message.WrittenMemory[50..]));
        Assert.Equal(Payload, assembly.Finish().Memory.ToArray());
    }

    [Theory(Timeout = 60_000)]
    [InlineData(480, 272)]
    [InlineData(1280, 1024)]
    [InlineData(3840, 2160)]
    public async Task Large_frames_arrive_byte_for_byte_over_a_real_connection(int width, int height)
    {
        await using var host = await FramewireHost.StartAsync();
        await using var reader = LosslessReader.Of(host, "cam");
        var source = new RecordingSource(FrameSource.Create(
            new SourceOptions { Source = "test", Encode = Encoding.Gray, Size = (width, height), Fast = true }, TimeProvider.System));
        await host.PublishAsync(source, options => options with { Frames = 3 });
        await reader.WhenComplete.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(source.Passed, reader.Frames);
    }
}
