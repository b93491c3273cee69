using Framewire.Protocol.Wire;
using Grpc.Health.V1;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace Framewire.Server.Discovery;

/// <summary>
/// <c>grpc.health.v1.Health</c>: SERVING until the server is about to stop, then NOT_SERVING, for the server and for each of its services. Load balancers ask it,
/// so it is answered while the server drains. One for a server; any thread.
/// </summary>
internal sealed class HealthService(ServiceTable services)
{
    /// <summary>How many may watch: everybody may ask, and a call that waits costs memory.</summary>
    private readonly CallPlaces _places = new(most: 1024, mostForAddress: 128);

    /// <summary>Handles one Check.</summary>
    public Task<HealthCheckResponse> CheckAsync(HealthCheckRequest request, ServerCall call) => IsKnown(request.Service)
        ? Task.FromResult(new HealthCheckResponse { Status = StatusOf(call) })
        : throw new GrpcException(GrpcStatusCode.NotFound, "There is no such service here; ask for one with its package, or for \"\", the whole server.");

    /// <summary>Handles one List.</summary>
    public Task<HealthListResponse> ListAsync(HealthListRequest request, ServerCall call)
    {
        var response = new HealthListResponse();
        foreach (var service in services.Services.Prepend(""))
            response.Statuses.Add(service, new HealthCheckResponse { Status = StatusOf(call) });
        return Task.FromResult(response);
    }

    /// <summary>Handles one Watch, which lasts until the server is about to stop.</summary>
    public async Task WatchAsync(HealthCheckRequest request, MessageWriter<HealthCheckResponse> responses, ServerCall call)
    {
        using var place = _places.Take(call.Peer);
        var status = IsKnown(request.Service) ? StatusOf(call) : ServingStatus.ServiceUnknown;
        await responses.WriteAsync(new HealthCheckResponse { Status = status }, cancellation: call.Cancellation);
        await DrainingAsync(call);
        if (status == ServingStatus.Serving)
            await responses.WriteAsync(new HealthCheckResponse { Status = ServingStatus.NotServing }, cancellation: call.Cancellation);
        throw new GrpcException(GrpcStatusCode.Unavailable, "The server is shutting down.");
    }

    private bool IsKnown(string service) => service.Length == 0 || services.ContainsService(service);

    private static ServingStatus StatusOf(ServerCall call) => call.Draining.IsCancellationRequested ? ServingStatus.NotServing : ServingStatus.Serving;

    private static async Task DrainingAsync(ServerCall call)
    {
        var draining = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = call.Draining.UnsafeRegister(static source => ((TaskCompletionSource)source!).TrySetResult(), draining);
        await draining.Task.WaitAsync(call.Cancellation);
    }
}
