using Framewire.Protocol.Wire;
using Framewire.Server.Wire;
using Framewire.Tests.Testing;
using static Framewire.Tests.Wire.PointsService;

namespace Framewire.Tests.Wire;

/// <summary>How a call ends at the client: who gets which exception, and what the server is told.</summary>
public sealed class ClientCallTests(PointsService service) : IClassFixture<PointsService>
{
    private const int Seconds = 20_000;

    [Fact(Timeout = Seconds)]
    public async Task The_callers_own_token_is_an_OperationCanceledException()
    {
        await using var connection = new ClientConnection(service.Host.Address, Clients.Options);
        using var caller = new CancellationTokenSource();
        await using var call = connection.Start(Hang, cancellation: caller.Token);
        await call.Requests.WriteAsync([1]);
        var reading = call.Responses.MoveNextAsync().AsTask();
        await caller.CancelAsync();
        Assert.Equal(caller.Token, (await Assert.ThrowsAsync<OperationCanceledException>(() => reading)).CancellationToken);
        await Assert.ThrowsAsync<OperationCanceledException>(async () => await call.Requests.WriteAsync([1]));
    }

    [Fact(Timeout = Seconds)]
    public async Task Cancel_is_a_status()
    {
        await using var connection = new ClientConnection(service.Host.Address, Clients.Options);
        await using var call = connection.Start(Hang);
        var reading = call.Responses.MoveNextAsync().AsTask();
        call.Cancel();
        Assert.Equal(GrpcStatusCode.Cancelled, (await Assert.ThrowsAsync<GrpcException>(() => reading)).Status.Code);
        Assert.Equal(GrpcStatusCode.Cancelled, call.Status!.Code);
        var again = await Assert.ThrowsAsync<GrpcException>(async () => await call.Requests.WriteAsync([1]));
        Assert.Equal(GrpcStatusCode.Cancelled, again.Status.Code);
    }

    [Fact(Timeout = Seconds)]
    public async Task A_read_that_is_cancelled_ends_the_call()
    {
        await using var connection = new ClientConnection(service.Host.Address, Clients.Options);
        await using var call = connection.Start(Hang);
        using var impatience = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await call.Responses.MoveNextAsync(impatience.Token));
        Assert.Equal(GrpcStatusCode.Cancelled, call.Status!.Code);
    }

    [Theory(Timeout = Seconds)]
    [InlineData("dispose")]
    [InlineData("cancel")]
    [InlineData("break")]
    public async Task A_call_that_is_given_up_is_reset_at_the_server(string how)
    {
        await using var server = RawServer.Start(
            (connection, request) => connection.SendAsync(RawServer.GoodHead(request.Stream), RawFrame.Data(request.Stream, Message([1]))), early: how != "break");
        await using var connection = server.Connect();
        if (how == "break")
        {
            var method = EchoAll with { Kind = CallKind.ServerStreaming };
            await foreach (var response in connection.ServerStreamingAsync(method, [1]))
            {
                Assert.Equal([1], response);
                break;
            }
        }
        else
        {
            await using var call = connection.Start(EchoAll);
            Assert.True(await call.Responses.MoveNextAsync());
            if (how == "cancel")
                call.Cancel();
            else
                await call.DisposeAsync();
        }
        Assert.Equal(8, await server.Reset.Task); // CANCEL
    }

    [Fact(Timeout = Seconds)]
    public async Task A_status_that_comes_while_requests_are_sent_reaches_reader_and_writer()
    {
        await using var connection = new ClientConnection(service.Host.Address, Clients.Options);
        await using var call = connection.Start(Refuse);
        var reading = Record.ExceptionAsync(async () => await call.Responses.MoveNextAsync()).AsTask();
        var writing = Record.ExceptionAsync(async () =>
        {
            while (true)
                await call.Requests.WriteAsync(new byte[10_000]);
        }).AsTask();
        foreach (var failure in await Task.WhenAll(reading, writing))
            Assert.Equal(GrpcStatusCode.ResourceExhausted, Assert.IsType<GrpcException>(failure).Status.Code);
        await call.CompleteAsync();
    }

    [Fact(Timeout = Seconds)]
    public async Task The_end_can_be_asked_for_again_and_is_the_same()
    {
        await using var connection = new ClientConnection(service.Host.Address, Clients.Options);
        await using var good = connection.Start(EchoAll);
        await good.CompleteAsync();
        await good.CompleteAsync();
        Assert.False(await good.Responses.MoveNextAsync());
        Assert.False(await good.Responses.MoveNextAsync());
        Assert.Equal(GrpcStatus.Ok, good.Status);
        await using var bad = connection.Start(Refuse);
        for (var i = 0; i < 2; i++)
            Assert.Equal("100% full\n☺", (await Assert.ThrowsAsync<GrpcException>(async () => await bad.Responses.MoveNextAsync())).Status.Message);
    }

    [Fact(Timeout = Seconds)]
    public async Task A_connection_that_is_disposed_ends_its_calls_and_starts_no_more()
    {
        var connection = new ClientConnection(service.Host.Address, Clients.Options);
        await using var call = connection.Start(EchoAll);
        await call.Requests.WriteAsync([1]);
        Assert.True(await call.Responses.MoveNextAsync());
        var reading = call.Responses.MoveNextAsync().AsTask();
        await connection.DisposeAsync();
        await Assert.ThrowsAsync<GrpcException>(() => reading);
        await using var late = connection.Start(EchoAll);
        await Assert.ThrowsAsync<GrpcException>(async () => await late.Requests.WriteAsync([1]));
        await Assert.ThrowsAsync<GrpcException>(async () => await late.Responses.MoveNextAsync());
    }

    [Fact(Timeout = 60_000)]
    public async Task A_thousand_large_calls_at_once_pass_through_one_connection()
    {
        await using var host = await WireHost.StartAsync(Interop.TestService.Table());
        await using var connection = new ClientConnection(host.Address, Clients.Options);
        var calls = Enumerable.Range(0, 1000).Select(_ => new Interop.TestClient(connection).RunAsync("large_unary"));
        await Task.WhenAll(calls);
    }

    [Fact(Timeout = 60_000)]
    public async Task Messages_larger_than_every_window_pass_both_ways_and_the_body_has_no_limit()
    {
        var small = new TransportOptions { StreamWindowBytes = 65_535, ConnectionWindowBytes = 65_535, MaxFrameBytes = 16_384, DrainTimeout = TimeSpan.Zero };
        await using var host = await WireHost.StartAsync(service.Table(), small);
        await using var connection = new ClientConnection(host.Address, Clients.Options with { StreamWindowBytes = 65_535 });
        await using var call = connection.Start(EchoAll);
        var message = new byte[8 << 20];
        // 40 MiB in all: over the 30 MB that Kestrel would take of a body.
        for (var i = 0; i < 5; i++)
        {
            message[^1] = (byte)i;
            var writing = call.Requests.WriteAsync(message).AsTask();
            Assert.True(await call.Responses.MoveNextAsync());
            Assert.Equal((message.Length, (byte)i), (call.Responses.Current.Length, call.Responses.Current[^1]));
            await writing;
        }
        await call.CompleteAsync();
        Assert.False(await call.Responses.MoveNextAsync());
    }

    [Fact(Timeout = Seconds)]
    public async Task Back_pressure_holds_the_writer_until_the_reader_reads()
    {
        var free = new TaskCompletionSource();
        var services = new ServiceTable();
        services.AddDuplex(EchoAll, async (requests, _, call) =>
        {
            await free.Task;
            while (await requests.MoveNextAsync(call.Cancellation))
            {
            }
        });
        await using var host = await WireHost.StartAsync(services);
        await using var connection = new ClientConnection(host.Address, Clients.Options);
        await using var call = connection.Start(EchoAll);
        var written = 0;
        var writing = Task.Run(async () =>
        {
            for (; written < 64; written++)
                await call.Requests.WriteAsync(new byte[1 << 20]);
        });
        Assert.NotSame(writing, await Task.WhenAny(writing, Task.Delay(500)));
        Assert.InRange(written, 1, 16); // the window is 2 MiB, and sockets hold some more
        free.SetResult();
        await writing;
    }
}
