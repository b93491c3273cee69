using Framewire.Protocol.Wire;
using Framewire.Tests.Testing;
using static Framewire.Tests.Testing.RawServer;
using static Framewire.Tests.Wire.PointsService;

namespace Framewire.Tests.Wire;

/// <summary>Our own HTTP/2 against a server that breaks RFC 9113, or uses a corner of it: the calls end with a status, the server hears why, and the next call works.</summary>
public sealed class Http2ClientTests
{
    private const int Seconds = 20_000;
    private const int ProtocolError = 1, FlowControlError = 3, FrameSizeError = 6, CompressionError = 9;

    private static readonly ClientConnectionOptions Own = new() { Transport = ClientTransport.Framewire, StreamWindowBytes = 65_535 };
    private static readonly byte[] Hello = Message("hello"u8.ToArray());

    /// <summary>What breaks the whole connection: the frames, and the code of the GOAWAY that answers.</summary>
    public static TheoryData<string, int> Breaches => new()
    {
        { "push promise", ProtocolError },
        { "continuation of nothing", ProtocolError },
        { "data of a call that never was", ProtocolError },
        { "headers that another call's interrupt", ProtocolError },
        { "empty continuation", ProtocolError },
        { "broken header block", CompressionError },
        { "frame larger than offered", FrameSizeError },
        { "ping of seven bytes", FrameSizeError },
        { "window of the connection too large", FlowControlError },
        { "window update of nothing", ProtocolError },
        { "frame size out of range", ProtocolError },
        { "initial window out of range", FlowControlError },
        { "more padding than frame", ProtocolError },
    };

    [Theory(Timeout = Seconds)]
    [MemberData(nameof(Breaches))]
    public async Task A_breach_ends_the_connection_with_its_code_and_the_next_call_makes_another(string breach, int code)
    {
        await using var server = Start((connection, request) => connection.SendAsync([.. request.Connection == 1 ? Breach(breach, request.Stream) : Good(request.Stream, Hello)]));
        await using var connection = server.Connect(Own);
        var failure = await Assert.ThrowsAsync<GrpcException>(() => connection.UnaryAsync(Echo, [1]));
        Assert.Equal(GrpcStatusCode.Unavailable, failure.Status.Code);
        await Eventually.TrueAsync(() => server.Received.Any(frame => frame.Type == FrameType.GoAway));
        Assert.Equal(code, server.Received.First(frame => frame.Type == FrameType.GoAway).ErrorCode);
        Assert.Equal("hello"u8.ToArray(), await connection.UnaryAsync(Echo, [1]));
        Assert.Equal(2, server.Connections);
    }

    /// <summary>What breaks one call only: its code, and that the connection lives on.</summary>
    [Theory(Timeout = Seconds)]
    [InlineData("data before headers", ProtocolError)]
    [InlineData("no status", ProtocolError)]
    [InlineData("an upper-case name", ProtocolError)]
    [InlineData("trailers without an end", ProtocolError)]
    [InlineData("an interim response that ends", ProtocolError)]
    [InlineData("more than the window", FlowControlError)]
    [InlineData("a window too large", FlowControlError)]
    public async Task A_malformed_response_ends_its_call_and_no_other(string malformed, int code)
    {
        await using var server = Start((connection, request) =>
            connection.SendAsync([.. request.Stream == 1 ? Malformed(malformed, 1) : Good(request.Stream, Hello)]));
        await using var connection = server.Connect(Own);
        await using var broken = connection.Start(EchoAll);
        await broken.Requests.WriteAsync([1]);
        await broken.CompleteAsync();
        Assert.Equal(code, await server.Reset.Task.WaitAsync(TimeSpan.FromSeconds(5)));
        var failure = await Assert.ThrowsAsync<GrpcException>(async () =>
        {
            while (await broken.Responses.MoveNextAsync())
            {
                // What came before the mistake counts.
            }
        });
        Assert.Equal(GrpcStatusCode.Internal, failure.Status.Code);
        Assert.Equal("hello"u8.ToArray(), await connection.UnaryAsync(Echo, [1]));
        Assert.Equal(1, server.Connections);
    }

    [Fact(Timeout = Seconds)]
    public async Task Headers_in_pieces_with_padding_and_a_priority_are_read()
    {
        await using var server = Answering(stream =>
        {
            var block = GoodHead(stream, ("x-long", new string('v', 5000))).Payload;
            return
            [
                new(FrameType.Headers, RawFrame.Padded | 0x20, stream, [3, 0, 0, 0, 0, 16, .. block[..100], 0, 0, 0]),
                new(FrameType.Continuation, 0, stream, block[100..3000]),
                new(FrameType.Continuation, RawFrame.EndHeaders, stream, block[3000..]),
                RawFrame.Data(stream, Hello),
                Headers(stream, end: true, ("grpc-status", "0")),
            ];
        });
        await using var connection = server.Connect(Own);
        await using var call = connection.Start(EchoAll);
        await call.CompleteAsync();
        Assert.True(await call.Responses.MoveNextAsync());
        Assert.Equal(new string('v', 5000), (await call.ResponseHeaders).Get("x-long"));
    }

    [Fact(Timeout = Seconds)]
    public async Task Headers_without_an_end_are_cut_off()
    {
        await using var server = Start(async (connection, request) =>
        {
            await connection.SendAsync(new RawFrame(FrameType.Headers, 0, request.Stream, [0]));
            while (true)
                await connection.SendAsync(new RawFrame(FrameType.Continuation, 0, request.Stream, new byte[16_000]));
        });
        await using var connection = server.Connect(Own);
        var failure = await Assert.ThrowsAsync<GrpcException>(() => connection.UnaryAsync(Echo, [1]));
        Assert.Equal(GrpcStatusCode.Unavailable, failure.Status.Code);
    }

    [Fact(Timeout = Seconds)]
    public async Task A_smaller_window_in_mid_call_is_kept_and_a_larger_one_used()
    {
        // A window of 10 bytes, then of none (so below zero), then of enough.
        var opened = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = Start(
            (connection, request) =>
            {
                if (request.Body.Length > 0)
                    return connection.SendAsync([.. Good(request.Stream, Hello)]);
                // Not waited for: the server must go on reading.
                _ = opened.Task.ContinueWith(
                    _ => connection.SendAsync(RawFrame.Settings((4, 0)), RawFrame.WindowUpdate(request.Stream, 5), RawFrame.Settings((4, 1000))), TaskScheduler.Default);
                return Task.CompletedTask;
            },
            early: true,
            (4, 10));
        await using var connection = server.Connect(Own);
        await using var call = connection.Start(EchoAll);
        var writing = call.Requests.WriteAsync(new byte[500]).AsTask();
        await Eventually.TrueAsync(() => Sent(server) == 10);
        opened.SetResult();
        await writing;
        await Eventually.TrueAsync(() => Sent(server) == 505);
        await call.CompleteAsync();
        Assert.True(await call.Responses.MoveNextAsync());
    }

    private static int Sent(RawServer server) => server.Received.Where(frame => frame.Type == FrameType.Data).Sum(frame => frame.Payload.Length);

    private static IEnumerable<RawFrame> Breach(string breach, int stream) => breach switch
    {
        "push promise" => [new((FrameType)5, RawFrame.EndHeaders, stream, [0, 0, 0, 2])],
        "continuation of nothing" => [new(FrameType.Continuation, RawFrame.EndHeaders, stream, [0x88])],
        "data of a call that never was" => [RawFrame.Data(stream + 2, [1])],
        "headers that another call's interrupt" => [new(FrameType.Headers, 0, stream, [0x88]), new(FrameType.Continuation, RawFrame.EndHeaders, stream + 2, [0x88])],
        "empty continuation" => [new(FrameType.Headers, 0, stream, [0x88]), new(FrameType.Continuation, RawFrame.EndHeaders, stream, [])],
        "broken header block" => [new(FrameType.Headers, RawFrame.EndHeaders, stream, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF])],
        "frame larger than offered" => [RawFrame.Data(stream, new byte[70_000])],
        "ping of seven bytes" => [new(FrameType.Ping, 0, 0, new byte[7])],
        "window of the connection too large" => [RawFrame.WindowUpdate(0, int.MaxValue)],
        "window update of nothing" => [RawFrame.WindowUpdate(0, 0)],
        "frame size out of range" => [RawFrame.Settings((5, 100))],
        "initial window out of range" => [RawFrame.Settings((4, -1))],
        "more padding than frame" => [GoodHead(stream), new(FrameType.Data, RawFrame.Padded, stream, [9, 1])],
        _ => throw new ArgumentOutOfRangeException(nameof(breach)),
    };

    private static IEnumerable<RawFrame> Malformed(string malformed, int stream) => malformed switch
    {
        "data before headers" => [RawFrame.Data(stream, Hello)],
        "no status" => [Headers(stream, false, ("content-type", "application/grpc"))],
        "an upper-case name" => [GoodHead(stream, ("X-Upper", "1"))],
        "trailers without an end" => [GoodHead(stream), Headers(stream, false, ("grpc-status", "0"))],
        "an interim response that ends" => [Headers(stream, true, (":status", "103"))],
        "more than the window" => [GoodHead(stream), .. Enumerable.Repeat(RawFrame.Data(stream, new byte[16_000]), 5)],
        "a window too large" => [GoodHead(stream), RawFrame.WindowUpdate(stream, int.MaxValue)],
        _ => throw new ArgumentOutOfRangeException(nameof(malformed)),
    };
}
