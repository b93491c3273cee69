using Framewire.Protocol.Wire;
using Framewire.Server.Wire;
using Framewire.Tests.Testing;
using static Framewire.Tests.Wire.PointsService;

namespace Framewire.Tests.Wire;

/// <summary>What a handler sees of the life of its call, on a real Kestrel.</summary>
public sealed class ServerCallTests
{
    private const int Seconds = 20_000;

    private static readonly byte[] Hello = Message("hello"u8.ToArray());
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    public static TheoryData<string> Endings => ["reset", "lost", "deadline", "shutdown"];

    [Theory(Timeout = Seconds)]
    [MemberData(nameof(Endings))]
    public async Task A_call_that_is_over_ends_a_waiting_read_with_cancellation(string ending)
    {
        await EndsAsync(ending, async (requests, _, call) =>
        {
            while (await requests.MoveNextAsync(call.Cancellation))
            {
            }
        });
    }

    [Theory(Timeout = Seconds)]
    [MemberData(nameof(Endings))]
    public async Task A_call_that_is_over_ends_a_read_without_a_token_too(string ending)
    {
        await EndsAsync(ending, async (requests, _, _) =>
        {
            while (await requests.MoveNextAsync())
            {
            }
        });
    }

    [Theory(Timeout = Seconds)]
    [MemberData(nameof(Endings))]
    public async Task A_call_that_is_over_ends_a_write_that_the_client_holds_up(string ending)
    {
        await EndsAsync(ending, async (_, responses, _) =>
        {
            while (true)
                await responses.WriteAsync(new byte[100_000]);
        });
    }

    [Fact(Timeout = Seconds)]
    public async Task A_handler_that_ignores_its_deadline_has_its_call_reset_under_it()
    {
        var free = new TaskCompletionSource();
        await using var host = await WireHost.StartAsync(Duplex((_, _, _) => free.Task));
        await using var client = await RawConnection.OpenAsync(host.Port);
        await client.SendHeadersAsync(1, RawConnection.Headers(EchoAll.Path, ("grpc-timeout", "10m")));
        Assert.Equal(8, await client.ResetOfAsync(1)); // CANCEL
        free.SetResult();
    }

    [Fact(Timeout = Seconds)]
    public async Task Headers_can_be_sent_before_the_first_message()
    {
        var free = new TaskCompletionSource();
        await using var host = await WireHost.StartAsync(Duplex(async (_, responses, call) =>
        {
            call.ResponseHeaders.Add("x-early", "1");
            await call.SendHeadersAsync();
            await free.Task;
            await responses.WriteAsync([1]);
        }));
        await using var connection = new ClientConnection(host.Address, Clients.Options);
        await using var call = connection.Start(EchoAll);
        Assert.Equal("1", (await call.ResponseHeaders).Get("x-early"));
        free.SetResult();
        Assert.True(await call.Responses.MoveNextAsync());
    }

    [Fact(Timeout = Seconds)]
    public async Task A_handler_learns_of_its_client_its_deadline_and_its_headers()
    {
        await using var host = await WireHost.StartAsync(Duplex((_, _, call) =>
        {
            Assert.Equal(EchoAll.Path, call.Path);
            Assert.Matches(@"^ipv4:127\.0\.0\.1:\d+$", call.Peer);
            Assert.InRange(call.Deadline!.Value - DateTimeOffset.UtcNow, TimeSpan.FromSeconds(50), TimeSpan.FromSeconds(61));
            Assert.Equal("Bearer t", call.RequestHeaders.Get("authorization"));
            call.ResponseTrailers.Add("x-seen", "yes");
            return Task.CompletedTask;
        }));
        await using var connection = new ClientConnection(host.Address, Clients.Options);
        var headers = new Metadata();
        headers.Add("authorization", "Bearer t");
        await using var call = connection.Start(EchoAll, new CallOptions { Timeout = TimeSpan.FromMinutes(1), Headers = headers });
        Assert.False(await call.Responses.MoveNextAsync());
        Assert.Equal("yes", call.Trailers.Get("x-seen"));
    }

    [Fact(Timeout = Seconds)]
    public async Task A_handler_learns_that_the_server_drains_before_its_call_is_cancelled()
    {
        var draining = new TaskCompletionSource<bool>();
        var begun = new TaskCompletionSource();
        await using var host = await WireHost.StartAsync(
            Duplex(async (_, responses, call) =>
            {
                begun.SetResult();
                await Task.Delay(Timeout.Infinite, call.Draining).ContinueWith(static _ => { }, TaskScheduler.Default);
                draining.SetResult(call.Cancellation.IsCancellationRequested);
                await responses.WriteAsync([42], true, call.Cancellation);
            }),
            new TransportOptions { DrainTimeout = TimeSpan.FromSeconds(10) });
        await using var connection = new ClientConnection(host.Address, Clients.Options);
        await using var call = connection.Start(EchoAll);
        await begun.Task;
        var stopping = host.StopAsync();
        Assert.False(await draining.Task);
        Assert.True(await call.Responses.MoveNextAsync());
        Assert.Equal([42], call.Responses.Current);
        Assert.False(await call.Responses.MoveNextAsync());
        await stopping.WaitAsync(Soon);
    }

    [Fact(Timeout = Seconds)]
    public async Task A_status_with_trailers_of_its_own_reaches_the_client_shortened_if_need_be()
    {
        await using var host = await WireHost.StartAsync(Duplex((_, _, call) =>
        {
            var trailers = new Metadata();
            trailers.Add("x-retry", "5");
            trailers.AddUnchecked("x-broken", "a\r\nb");
            call.ResponseHeaders.Add("x-head", "1");
            throw new GrpcException(new GrpcStatus(GrpcStatusCode.FailedPrecondition, new string('x', 100_000)), trailers);
        }));
        await using var connection = new ClientConnection(host.Address, Clients.Options);
        await using var call = connection.Start(EchoAll);
        var failure = await Assert.ThrowsAsync<GrpcException>(async () => await call.Responses.MoveNextAsync());
        Assert.Equal((GrpcStatusCode.FailedPrecondition, "5", null), (failure.Status.Code, failure.Trailers.Get("x-retry"), failure.Trailers.Get("x-broken")));
        Assert.InRange(failure.Status.Message.Length, 1000, 2000);
        Assert.Equal("1", (await call.ResponseHeaders).Get("x-head"));
    }

    [Fact(Timeout = Seconds)]
    public async Task The_dispatcher_tells_of_a_handler_that_failed()
    {
        var told = new TaskCompletionSource<Exception>();
        var dispatcher = new CallDispatcher(new PointsService().Table(), new WireOptions()) { OnHandlerFailure = (_, failure) => told.TrySetResult(failure) };
        await using var host = await WireHost.StartAsync(dispatcher);
        await using var connection = new ClientConnection(host.Address, Clients.Options);
        var failure = await Assert.ThrowsAsync<GrpcException>(() => connection.UnaryAsync(Fail, [1]));
        Assert.Equal("The handler failed.", failure.Status.Message);
        Assert.Equal("A secret of the house.", (await told.Task).Message);
    }

    private static ServiceTable Duplex(Func<MessageReader<byte[]>, MessageWriter<byte[]>, ServerCall, Task> handler)
    {
        var services = new ServiceTable();
        services.AddDuplex(EchoAll, handler);
        return services;
    }

    private static async Task EndsAsync(string ending, Func<MessageReader<byte[]>, MessageWriter<byte[]>, ServerCall, Task> handler)
    {
        var begun = new TaskCompletionSource();
        var ended = new TaskCompletionSource<Exception?>();
        var cancelled = new TaskCompletionSource();
        await using var host = await WireHost.StartAsync(
            Duplex(async (requests, responses, call) =>
            {
                call.Cancellation.Register(cancelled.SetResult);
                begun.SetResult();
                var failure = await Record.ExceptionAsync(() => handler(requests, responses, call));
                ended.SetResult(failure);
                throw failure!;
            }),
            new TransportOptions { DrainTimeout = TimeSpan.Zero });
        await using var client = await RawConnection.OpenAsync(host.Port);
        // A window of nothing, so that responses are held up.
        await client.SendAsync(RawFrame.Settings((4, 0)));
        await client.SendHeadersAsync(1, RawConnection.Headers(EchoAll.Path, ("grpc-timeout", ending == "deadline" ? "300m" : null)));
        await client.SendAsync(RawFrame.Data(1, Hello));
        await begun.Task;
        if (ending == "reset")
            await client.SendAsync(RawFrame.Reset(1, 8));
        else if (ending == "lost")
            client.Abort();
        var stopping = ending == "shutdown" ? host.StopAsync() : Task.CompletedTask;

        Assert.IsType<OperationCanceledException>(await ended.Task, exactMatch: false);
        await cancelled.Task;
        if (ending is "deadline")
        {
            // The status, or a reset where messages that the client does not take are in the way.
            var response = await client.ResponseAsync(1);
            Assert.True(response.Status == (int)GrpcStatusCode.DeadlineExceeded || response is { Ended: false, ResetCode: not null });
        }
        await stopping.WaitAsync(Soon);
    }
}
