using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using Framewire.Protocol.Wire;
using Framewire.Server;
using Framewire.Server.Discovery;
using Framewire.Tests.Testing;
using Grpc.Health.V1;
using Microsoft.Extensions.DependencyInjection;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace Framewire.Tests.Discovery;

/// <summary>What a load balancer is told of a whole server: while it serves, while it drains, and of what is not there.</summary>
public sealed class HealthTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly CallOptions Soon = new() { Timeout = Patience };

    private static HealthCheckRequest For(string service) => new() { Service = service };

    private static async Task<ServingStatus> CheckAsync(ClientConnection connection, string service) =>
        (await connection.UnaryAsync(HealthContract.Check, For(service), Soon)).Status;

    private static async Task<ClientCall<HealthCheckRequest, HealthCheckResponse>> WatchAsync(ClientConnection connection, string service)
    {
        var call = connection.Start(HealthContract.Watch, Soon);
        await call.Requests.WriteAsync(For(service));
        await call.CompleteAsync();
        Assert.True(await call.Responses.MoveNextAsync());
        return call;
    }

    /// <summary>What a watcher is told from now on, and with what it ends.</summary>
    private static async Task<(List<ServingStatus> Told, GrpcStatusCode End)> ToTheEndAsync(ClientCall<HealthCheckRequest, HealthCheckResponse> call)
    {
        List<ServingStatus> told = [];
        try
        {
            while (await call.Responses.MoveNextAsync())
                told.Add(call.Responses.Current.Status);
            return (told, GrpcStatusCode.Ok);
        }
        catch (GrpcException e)
        {
            return (told, e.Status.Code);
        }
    }

    [Fact]
    public async Task The_server_and_each_of_its_services_are_serving()
    {
        await using var host = await FramewireHost.StartAsync();
        await using var connection = host.Connect();

        string[] services = ["", "framewire.v1.Ingest", "framewire.v1.Viewing", "framewire.v1.Processing", "video", "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection"];
        foreach (var service in services)
            Assert.Equal(ServingStatus.Serving, await CheckAsync(connection, service));

        var all = (await connection.UnaryAsync(HealthContract.List, new HealthListRequest(), Soon)).Statuses;
        Assert.Subset(all.Keys.ToHashSet(), services.ToHashSet());
        Assert.All(all.Values, each => Assert.Equal(ServingStatus.Serving, each.Status));
    }

    [Theory]
    [InlineData("framewire.v1.ingest")]
    [InlineData("framewire.v1.Recordings")] // nothing is recorded on this server
    [InlineData("framewire.v1.Ingest/Publish")]
    [InlineData("*")]
    public async Task Of_a_service_that_is_not_here_Check_says_so_and_Watch_goes_on(string service)
    {
        await using var host = await FramewireHost.StartAsync();
        await using var connection = host.Connect();

        var refused = await Assert.ThrowsAsync<GrpcException>(() => CheckAsync(connection, service));
        await using var watching = await WatchAsync(connection, service);
        Assert.Equal((GrpcStatusCode.NotFound, ServingStatus.ServiceUnknown), (refused.Status.Code, watching.Responses.Current.Status));
        Assert.Equal(1, host.Services.GetRequiredService<CallDispatcher>().RunningCalls);

        var (told, end) = await DrainedAsync(host, watching);
        Assert.Empty(told);
        Assert.Equal(GrpcStatusCode.Unavailable, end);
    }

    [Fact]
    public async Task A_server_that_drains_answers_NOT_SERVING_while_it_refuses_everything_else()
    {
        await using var host = await FramewireHost.StartAsync();
        await using var connection = host.Connect();
        await using var watching = await WatchAsync(connection, "framewire.v1.Ingest");
        Assert.Equal(ServingStatus.Serving, watching.Responses.Current.Status);

        var (told, end) = await DrainedAsync(host, watching);

        Assert.Equal([ServingStatus.NotServing], told);
        Assert.Equal(GrpcStatusCode.Unavailable, end);
        Assert.Equal(ServingStatus.NotServing, await CheckAsync(connection, ""));
        Assert.Equal(ServingStatus.NotServing, await CheckAsync(connection, "framewire.v1.Viewing"));
        await using var late = await WatchAsync(connection, "");
        Assert.Equal(ServingStatus.NotServing, late.Responses.Current.Status);
        Assert.Equal(GrpcStatusCode.Unavailable, (await ToTheEndAsync(late)).End);
        var refused = await Assert.ThrowsAsync<GrpcException>(() => connection.UnaryAsync(ViewingContract.ListStreams, new ListStreamsRequest(), Soon));
        Assert.Equal(GrpcStatusCode.Unavailable, refused.Status.Code);
    }

    /// <summary>Has the server drain, as it does before it stops, and hears a watcher out.</summary>
    private static async Task<(List<ServingStatus> Told, GrpcStatusCode End)> DrainedAsync(FramewireHost host, ClientCall<HealthCheckRequest, HealthCheckResponse> watching)
    {
        // So much time that only a watcher which leaves by itself is done in time.
        var draining = host.Services.GetRequiredService<CallDispatcher>().DrainAsync(TimeSpan.FromMinutes(5));
        var heard = await ToTheEndAsync(watching).WaitAsync(Patience);
        await draining.WaitAsync(Patience);
        return heard;
    }

    [Fact]
    public async Task A_watcher_is_told_before_the_server_stops()
    {
        await using var host = await FramewireHost.StartAsync();
        await using var connection = host.Connect();
        await using var watching = await WatchAsync(connection, "");

        var stopping = host.StopAsync();
        var (told, end) = await ToTheEndAsync(watching).WaitAsync(Patience);
        await stopping.WaitAsync(Patience);

        Assert.Equal([ServingStatus.NotServing], told);
        Assert.Equal(GrpcStatusCode.Unavailable, end);
    }

    [Fact]
    public async Task Health_asks_for_no_token()
    {
        using var tokens = new Tokens();
        await using var host = await FramewireHost.StartAsync(new FramewireOptions { Access = tokens.Options });
        await using var connection = host.Connect();

        Assert.Equal(ServingStatus.Serving, await CheckAsync(connection, "framewire.v1.Ingest"));
        await using var watching = await WatchAsync(connection, "");
        Assert.Equal(ServingStatus.Serving, watching.Responses.Current.Status);
        var refused = await Assert.ThrowsAsync<GrpcException>(() => connection.UnaryAsync(ViewingContract.ListStreams, new ListStreamsRequest(), Soon));
        Assert.Equal(GrpcStatusCode.Unauthenticated, refused.Status.Code);
    }

    [Fact]
    public async Task One_address_cannot_watch_without_end()
    {
        await using var host = await FramewireHost.StartAsync();
        await using var first = host.Connect();
        await using var second = host.Connect();
        List<ClientCall<HealthCheckRequest, HealthCheckResponse>> watching = [];
        for (var i = 0; i < 128; i++)
            watching.Add(await WatchAsync(i < 64 ? first : second, ""));

        var refused = await Assert.ThrowsAsync<GrpcException>(() => WatchAsync(first, ""));
        Assert.Equal(GrpcStatusCode.ResourceExhausted, refused.Status.Code);
        Assert.Equal(ServingStatus.Serving, await CheckAsync(first, ""));

        await watching[0].DisposeAsync();
        await Eventually.TrueAsync(() => host.Services.GetRequiredService<CallDispatcher>().RunningCalls == 127);
        watching.Add(await WatchAsync(first, ""));
        foreach (var call in watching)
            await call.DisposeAsync();
    }

    [Fact]
    public void Places_are_counted_for_each_address_and_in_all()
    {
        var places = new CallPlaces(most: 3, mostForAddress: 2);
        var one = places.Take("ipv4:10.0.0.1:1000");
        places.Take("ipv4:10.0.0.1:1001");

        Assert.Throws<GrpcException>(() => places.Take("ipv4:10.0.0.1:1002"));
        places.Take("ipv6:[::1]:1000");
        Assert.Throws<GrpcException>(() => places.Take("ipv4:10.0.0.2:1000"));
        one.Dispose();
        places.Take("ipv4:10.0.0.1:1003");
    }
}
