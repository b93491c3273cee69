using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Framewire.Protocol.Wire;
using Framewire.Tests.Testing;
using static Framewire.Tests.Testing.RawServer;
using static Framewire.Tests.Wire.PointsService;

namespace Framewire.Tests.Wire;

/// <summary>Points 30 to 33, 36 and 38 of the checklist made of PROTOCOL-HTTP2.md: how our client lives through deadlines, GOAWAY, PING and loss. The server is raw HTTP/2.</summary>
public sealed class ClientLifePointsTests
{
    private const int Seconds = 20_000;
    private const int Cancel = 8;

    private static readonly byte[] Hello = Message("hello"u8.ToArray());
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(300);

    public static TheoryData<string> Silences => ["nothing", "headers", "half a message", "a whole message"];

    [Theory(Timeout = Seconds)]
    [MemberData(nameof(Silences))]
    public async Task Point_30_the_deadline_ends_the_call_whatever_the_server_does_and_tells_it(string afterWhat)
    {
        await using var server = Answering(stream => afterWhat switch
        {
            "nothing" => [],
            "headers" => [GoodHead(stream)],
            "half a message" => [GoodHead(stream), RawFrame.Data(stream, Hello.AsSpan(0, 7))],
            _ => [GoodHead(stream), RawFrame.Data(stream, Hello)],
        });
        await using var connection = server.Connect();
        var started = Stopwatch.GetTimestamp();
        var failure = await Assert.ThrowsAsync<GrpcException>(() => connection.UnaryAsync(Echo, [1], new CallOptions { Timeout = Soon }));
        Assert.Equal(GrpcStatusCode.DeadlineExceeded, failure.Status.Code);
        Assert.InRange(Stopwatch.GetElapsedTime(started), Soon * 0.9, TimeSpan.FromSeconds(5));
        Assert.Equal(Cancel, await server.Reset.Task.WaitAsync(TimeSpan.FromSeconds(5)));
    }

    [Fact(Timeout = Seconds)]
    public async Task Point_30_the_deadline_ends_a_write_that_the_HTTP2_window_holds_up()
    {
        // INITIAL_WINDOW_SIZE 0: nothing can be sent.
        await using var server = Start((_, _) => Task.CompletedTask, early: false, (4, 0));
        await using var connection = server.Connect();
        await using var call = connection.Start(EchoAll, new CallOptions { Timeout = Soon });
        var failure = await Assert.ThrowsAsync<GrpcException>(async () =>
        {
            while (true)
                await call.Requests.WriteAsync(new byte[100_000]);
        });
        Assert.Equal(GrpcStatusCode.DeadlineExceeded, failure.Status.Code);
        Assert.Equal(Cancel, await server.Reset.Task.WaitAsync(TimeSpan.FromSeconds(5)));
    }

    [Theory(Timeout = Seconds)]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(-1_000_000)]
    public async Task Point_30_a_timeout_of_nothing_has_passed_already(int milliseconds)
    {
        await using var server = Answering(stream => Good(stream, Hello));
        await using var connection = server.Connect();
        var failure = await Assert.ThrowsAsync<GrpcException>(
            () => connection.UnaryAsync(Echo, [1], new CallOptions { Timeout = TimeSpan.FromMilliseconds(milliseconds) }));
        Assert.Equal(GrpcStatusCode.DeadlineExceeded, failure.Status.Code);
        Assert.DoesNotContain(server.Received, frame => frame.Type == FrameType.Headers);
    }

    [Fact(Timeout = Seconds)]
    public async Task Point_31_a_call_above_the_last_stream_of_GOAWAY_is_repeated_unseen()
    {
        await using var server = Start(async (connection, request) =>
        {
            if (request.Connection == 1)
                await connection.SendAsync(new RawFrame(FrameType.GoAway, 0, 0, new byte[8])); // last stream 0, NO_ERROR
            else
                await connection.SendAsync([.. Good(request.Stream, Hello)]);
        });
        await using var connection = server.Connect();
        Assert.Equal("hello"u8.ToArray(), await connection.UnaryAsync(Echo, [1]));
        Assert.Equal(2, server.Connections);
    }

    [Fact(Timeout = Seconds)]
    public async Task Point_31_REFUSED_STREAM_before_the_headers_is_repeated_unseen()
    {
        await using var server = Start((connection, request) =>
            connection.SendAsync(request.Stream == 1 ? [RawFrame.Reset(1, 7)] : [.. Good(request.Stream, Hello)]));
        await using var connection = server.Connect();
        Assert.Equal("hello"u8.ToArray(), await connection.UnaryAsync(Echo, [1]));
    }

    [Fact(Timeout = Seconds)]
    public async Task Point_31_a_call_that_every_server_refuses_ends_with_UNAVAILABLE()
    {
        await using var server = Answering(stream => [RawFrame.Reset(stream, 7)]);
        await using var connection = server.Connect();
        var failure = await Assert.ThrowsAsync<GrpcException>(() => connection.UnaryAsync(Echo, [1]));
        Assert.Equal((GrpcStatusCode.Unavailable, true), (failure.Status.Code, failure.Unprocessed));
    }

    [Fact(Timeout = Seconds)]
    public async Task Point_31_a_stream_of_requests_that_no_server_processed_says_so()
    {
        await using var server = Start((connection, _) => connection.SendAsync(new RawFrame(FrameType.GoAway, 0, 0, new byte[8])), early: true);
        await using var connection = server.Connect();
        await using var call = connection.Start(EchoAll);
        var failure = await Assert.ThrowsAsync<GrpcException>(async () =>
        {
            await call.Requests.WriteAsync([1]);
            await call.Responses.MoveNextAsync();
        });
        Assert.Equal((GrpcStatusCode.Unavailable, true), (failure.Status.Code, failure.Unprocessed));
    }

    [Fact(Timeout = Seconds)]
    public async Task Point_31_a_call_that_GOAWAY_spares_goes_on_and_the_next_takes_a_new_connection()
    {
        await using var server = Start((connection, request) =>
            connection.SendAsync([new RawFrame(FrameType.GoAway, 0, 0, [0, 0, 0, (byte)request.Stream, 0, 0, 0, 0]), .. Good(request.Stream, Hello)]));
        await using var connection = server.Connect();
        for (var calls = 1; calls <= 3; calls++)
        {
            Assert.Equal("hello"u8.ToArray(), await connection.UnaryAsync(Echo, [1]));
            Assert.Equal(calls, server.Connections);
        }
    }

    [Fact(Timeout = Seconds)]
    public async Task Point_32_every_PING_is_acknowledged_with_its_own_bytes()
    {
        await using var server = Answering(stream => [.. Enumerable.Range(1, 50).Select(value => RawFrame.Ping(value)), .. Good(stream, Hello)]);
        await using var connection = server.Connect();
        await connection.UnaryAsync(Echo, [1]);
        // What was sent later comes later: when this call is through, every acknowledgement has come.
        await connection.UnaryAsync(Echo, [1]);
        var acknowledged = server.Received.Where(frame => frame is { Type: FrameType.Ping, Flags: RawFrame.Acknowledgement }).Select(frame => frame.Payload[7]).ToList();
        Assert.Superset(Enumerable.Range(1, 50).Select(value => (byte)value).ToHashSet(), acknowledged.ToHashSet());
    }

    [Fact(Timeout = Seconds)]
    public async Task Point_32_an_own_PING_that_is_not_answered_makes_the_call_UNAVAILABLE()
    {
        await using var server = Answering(_ => []);
        await using var connection = server.Connect(Clients.Options with { KeepAlivePingDelay = TimeSpan.FromSeconds(1), KeepAlivePingTimeout = TimeSpan.FromSeconds(1) });
        var failure = await Assert.ThrowsAsync<GrpcException>(() => connection.UnaryAsync(Echo, [1]));
        Assert.Equal(GrpcStatusCode.Unavailable, failure.Status.Code);
    }

    [Theory(Timeout = Seconds)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Point_33_a_lost_connection_makes_all_its_calls_UNAVAILABLE(bool abruptly)
    {
        var begun = 0;
        await using var server = Start(async (connection, request) =>
        {
            await connection.SendAsync(GoodHead(request.Stream), RawFrame.Data(request.Stream, Hello));
            if (Interlocked.Increment(ref begun) < 5)
                return;
            if (abruptly)
                connection.Abort();
            else
                await connection.DisposeAsync();
        });
        await using var connection = server.Connect();
        var calls = Enumerable.Range(0, 5).Select(_ => connection.UnaryAsync(Echo, [1])).ToList();
        foreach (var call in calls)
            Assert.Equal(GrpcStatusCode.Unavailable, (await Assert.ThrowsAsync<GrpcException>(() => call)).Status.Code);
    }

    [Fact(Timeout = Seconds)]
    public async Task Point_33_a_server_that_is_not_there_is_UNAVAILABLE()
    {
        await using var connection = new ClientConnection(new Uri($"http://127.0.0.1:{ChildProcess.FreePort()}"), Clients.Options);
        var failure = await Assert.ThrowsAsync<GrpcException>(() => connection.UnaryAsync(Echo, [1]));
        Assert.Equal(GrpcStatusCode.Unavailable, failure.Status.Code);
        Assert.Contains("refused", failure.Status.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Theory(Timeout = Seconds)]
    [InlineData("")]
    [InlineData("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")]
    public async Task Point_33_a_port_that_does_not_speak_HTTP2_is_UNAVAILABLE(string answer)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = ServeOnceAsync();
        await using var connection = new ClientConnection(new Uri($"http://{listener.LocalEndpoint}"), Clients.Options);
        var failure = await Assert.ThrowsAsync<GrpcException>(() => connection.UnaryAsync(Echo, [1]));
        Assert.True(failure.Status.Code == GrpcStatusCode.Unavailable, $"{failure}");
        await serving;

        async Task ServeOnceAsync()
        {
            using var client = await listener.AcceptTcpClientAsync();
            await client.GetStream().ReadAtLeastAsync(new byte[1000], 30);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(answer));
        }
    }

    [Fact(Timeout = Seconds)]
    public async Task Point_33_the_next_call_after_a_loss_connects_anew()
    {
        await using var server = Start(async (connection, request) =>
        {
            if (request.Connection == 1)
                connection.Abort();
            else
                await connection.SendAsync([.. Good(request.Stream, Hello)]);
        });
        await using var connection = server.Connect();
        await Assert.ThrowsAsync<GrpcException>(() => connection.UnaryAsync(Echo, [1]));
        Assert.Equal("hello"u8.ToArray(), await connection.UnaryAsync(Echo, [1]));
    }

    [Fact(Timeout = Seconds)]
    public async Task Point_36_the_request_says_who_calls_and_all_that_gRPC_asks()
    {
        RawRequest? seen = null;
        await using var server = Start((connection, request) =>
        {
            seen = request;
            return connection.SendAsync([.. Good(request.Stream, Hello)]);
        });
        await using var connection = server.Connect();
        await connection.UnaryAsync(Echo, "hello"u8.ToArray(), new CallOptions { Timeout = TimeSpan.FromSeconds(7) });
        Assert.Matches(@"^grpc-dotnet-framewire/\d+\.\d+\.\d+$", seen!.Header("user-agent"));
        Assert.Equal(("POST", "/test.Points/Echo", "http"), (seen.Header(":method"), seen.Header(":path"), seen.Header(":scheme")));
        Assert.Equal(("trailers", "application/grpc", "identity,gzip"), (seen.Header("te"), seen.Header("content-type"), seen.Header("grpc-accept-encoding")));
        Assert.Matches(@"^\d{1,8}[mu]$", seen.Header("grpc-timeout"));
        Assert.Equal(Hello, seen.Body);
    }

    [Fact(Timeout = Seconds)]
    public async Task Point_38_a_client_sends_no_keep_alive_PING_unless_it_is_told_to()
    {
        Assert.Equal(TimeSpan.Zero, Clients.Options.KeepAlivePingDelay);
        await using var server = Answering(_ => []);
        await using var connection = server.Connect();
        await Assert.ThrowsAsync<GrpcException>(() => connection.UnaryAsync(Echo, [1], new CallOptions { Timeout = TimeSpan.FromSeconds(1.5) }));
        Assert.DoesNotContain(server.Received, frame => frame is { Type: FrameType.Ping, Flags: 0 });
    }
}
