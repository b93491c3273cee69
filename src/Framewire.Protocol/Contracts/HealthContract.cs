using Framewire.Protocol.Wire;
using Grpc.Health.V1;

namespace Framewire.Protocol.Contracts;

/// <summary><c>grpc.health.v1.Health</c>: whether a server takes calls, as load balancers ask (https://github.com/grpc/grpc/blob/master/doc/health-checking.md).</summary>
public static class HealthContract
{
    private const string Service = "grpc.health.v1.Health";

    /// <summary>How a service is now.</summary>
    public static Method<HealthCheckRequest, HealthCheckResponse> Check { get; } = new(
        CallKind.Unary, Service, "Check", Marshaller.Protobuf<HealthCheckRequest>(), Marshaller.Protobuf<HealthCheckResponse>());

    /// <summary>How a service is now, and again when that changes.</summary>
    public static Method<HealthCheckRequest, HealthCheckResponse> Watch { get; } = new(
        CallKind.ServerStreaming, Service, "Watch", Marshaller.Protobuf<HealthCheckRequest>(), Marshaller.Protobuf<HealthCheckResponse>());

    /// <summary>How every service is now.</summary>
    public static Method<HealthListRequest, HealthListResponse> List { get; } = new(
        CallKind.Unary, Service, "List", Marshaller.Protobuf<HealthListRequest>(), Marshaller.Protobuf<HealthListResponse>());
}
