using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using Framewire.Protocol.Wire;
using Framewire.Server;
using Framewire.Tests.Testing;
using Frame = Framewire.Protocol.Video.Frame;

namespace Framewire.Tests.EndToEnd;

/// <summary>Publishers that count oddly, and frames of odd sizes: each has a defined answer.</summary>
public sealed class SequenceFaultTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>A publisher by hand: says all of it and half-closes, then reads what comes back.</summary>
    private static async Task<(string Acks, GrpcStatusCode Status)> PublishAsync(FramewireHost host, IEnumerable<FrameOr<PublishRequest>> requests, Codec codec = Codec.H264)
    {
        await using var connection = host.Connect();
        await using var call = connection.Start(IngestContract.Publish, new CallOptions { Timeout = Patience });
        var open = new Open { Stream = "cam", Session = "s1", SessionStartedAtUnixMicros = 1, Format = new Format { Codec = codec, Width = 1, Height = 1 } };
        var acks = new List<string>();
        try
        {
            await call.Requests.WriteAsync(new(new PublishRequest { Open = open }));
            await SendAsync(call, requests);
            while (await call.Responses.MoveNextAsync())
            {
                if (call.Responses.Current.Ack is { } ack)
                    acks.Add($"{ack.Sequence}{(ack.Rejection is not null ? "!" : ack.Duplicate ? "=" : "")}");
            }

            return (string.Join(' ', acks), GrpcStatusCode.Ok);
        }
        catch (GrpcException e)
        {
            return (string.Join(' ', acks), e.Status.Code);
        }
    }

    /// <summary>A server that has answered stops reading, and a write may find that out first; why, its status says.</summary>
    private static async Task SendAsync(ClientCall<FrameOr<PublishRequest>, PublishResponse> call, IEnumerable<FrameOr<PublishRequest>> requests)
    {
        try
        {
            foreach (var request in requests)
                await call.Requests.WriteAsync(request);
            await call.CompleteAsync();
        }
        catch (GrpcException e) when (e.Status.Code is GrpcStatusCode.Cancelled)
        {
            await call.CompleteAsync();
        }
    }

    private static FrameOr<PublishRequest> Numbered(ulong sequence, int bytes = 100) => new(Frames.One(sequence, bytes: bytes));

    private static FrameOr<PublishRequest> Missing(ulong first, ulong last) => new(new PublishRequest { Gap = new Gap { FirstSequence = first, LastSequence = last } });

    /// <summary>Numbers are frames, <c>a-b</c> is a gap that is told. After an ack, <c>=</c> is a duplicate.</summary>
    [Theory]
    [InlineData("1 2 3", "1 2 3", "1 2 3", 0)]
    [InlineData("1 2 2 2 3", "1 2 2= 2= 3", "1 2 3", 0)]
    [InlineData("1 2 3 1 2 4", "1 2 3 1= 2= 4", "1 2 3 4", 0)]
    [InlineData("5 9", "5 9", "5 9", 7)]
    [InlineData("1 2-8 9", "1 9", "1 9", 7)]
    [InlineData("1 2-8 2-8 9", "1 9", "1 9", 7)]
    [InlineData("1 2-8 5 9", "1 5 9", "1 5 9", 6)]
    [InlineData("1 2-18446744073709551615 5 6", "1 5 6", "1 5 6", -4)]
    public async Task However_a_publisher_counts_the_stream_counts_forward(string said, string acks, string seen, int missing)
    {
        await using var host = await FramewireHost.StartAsync();
        await using var reader = LosslessReader.Of(host, "cam");

        var answer = await PublishAsync(host, said.Split(' ').Select(word => word.Split('-') is [var first, var last]
            ? Missing(ulong.Parse(first, null), ulong.Parse(last, null))
            : Numbered(ulong.Parse(word, null))));
        await reader.WhenComplete.WaitAsync(Patience);

        Assert.Equal((acks, GrpcStatusCode.Ok), answer);
        Assert.Equal(seen, string.Join(' ', reader.Frames.Select(frame => frame.Sequence)));
        Assert.Equal(unchecked((ulong)missing), host.Streams.Find("cam")!.Status().Session!.Missing);
        Assert.All(reader.Gaps, gap => Assert.True(gap.First <= gap.Last, $"{gap}"));
    }

    [Fact]
    public async Task Sequence_0_ends_the_call()
    {
        await using var host = await FramewireHost.StartAsync();

        var (_, status) = await PublishAsync(host, [Numbered(1), Numbered(0), Numbered(2)]);

        Assert.Equal(GrpcStatusCode.InvalidArgument, status);
        Assert.Equal(1ul, host.Streams.Find("cam")!.Status().Session!.Frames);
    }

    [Fact]
    public async Task A_raw_frame_of_one_byte_is_a_frame_and_an_empty_one_is_not()
    {
        await using var host = await FramewireHost.StartAsync();

        Assert.Equal(("1 2! 3", GrpcStatusCode.Ok), await PublishAsync(host, [Numbered(1, 1), Numbered(2, 0), Numbered(3, 1)], Codec.Gray));
    }

    [Fact]
    public async Task A_message_of_exactly_the_limit_is_taken_and_one_byte_more_ends_the_call()
    {
        const int limit = 100_000;
        await using var host = await FramewireHost.StartAsync(new FramewireOptions { Wire = new WireOptions { MaxMessageBytes = limit } });
        var payload = limit - Overhead(Frames.One(1, bytes: limit));

        Assert.Equal(("1", GrpcStatusCode.Ok), await PublishAsync(host, [Numbered(1, payload)]));
        Assert.Equal(GrpcStatusCode.ResourceExhausted, (await PublishAsync(host, [Numbered(2, payload + 1)])).Status);
        Assert.Equal(1ul, host.Streams.Find("cam")!.Status().Session!.Frames);
    }

    /// <summary>What a message has besides its frame's payload.</summary>
    private static int Overhead(Frame frame)
    {
        var wire = new PublishRequest
        {
            Frame = new()
            {
                Sequence = frame.Sequence,
                PtsMicros = Micros.Of(frame.Pts),
                CapturedAtUnixMicros = Micros.Of(frame.CapturedAt),
                Keyframe = frame.IsKeyframe,
                Payload = Google.Protobuf.ByteString.CopyFrom(frame.Payload.Span),
            },
        };
        return wire.CalculateSize() - frame.Buffer.Length;
    }

    /// <summary>The publisher knows what the server takes, be it ever so little, and drops the rest itself, counted, without losing the link.</summary>
    [Theory]
    [InlineData(2_000, 2_000)]
    [InlineData(100_000, 80_000)]
    [InlineData(200_000, 140_000)]
    public async Task A_frame_too_large_for_the_server_is_dropped_at_the_edge_and_the_others_go_on(int limit, int large)
    {
        await using var host = await FramewireHost.StartAsync(new FramewireOptions { Wire = new WireOptions { MaxMessageBytes = limit } });
        await using var source = new MixedSizes(small: limit / 4, large);

        var end = await host.PublishAsync(source, options => options with { Frames = 20 });

        Assert.Equal((20L, 10L, 10L, 0L), (end.Captured, end.Acked, end.DroppedTotal, end.Reconnects));
        Assert.Equal(10L, end.Dropped[Protocol.Video.DropReason.Rejected]);
    }
}
