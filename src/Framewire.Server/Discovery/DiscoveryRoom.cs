using Framewire.Protocol.Contracts;
using Framewire.Protocol.Wire;

namespace Framewire.Server.Discovery;

/// <summary>
/// Puts the room together: what anybody may ask of a gRPC server whatever it serves, whether it takes calls and which services it has. Called while the host is built.
/// </summary>
internal static class DiscoveryRoom
{
    /// <summary>Adds <c>grpc.health.v1.Health</c> and <c>grpc.reflection.v1.ServerReflection</c>, the latter by its older name too.</summary>
    public static void AddDiscovery(this ServiceTable services, TimeProvider time)
    {
        var health = new HealthService(services);
        services.AddUnary(HealthContract.Check, health.CheckAsync);
        services.AddServerStreaming(HealthContract.Watch, health.WatchAsync);
        services.AddUnary(HealthContract.List, health.ListAsync);
        services.AnswerWhileDraining(HealthContract.Check);
        services.AnswerWhileDraining(HealthContract.Watch);
        services.AnswerWhileDraining(HealthContract.List);

        var reflection = new ReflectionService(services, new SymbolIndex(ContractFiles.All), time);
        services.AddDuplex(ReflectionContract.ServerReflectionInfo, reflection.HandleAsync);
        services.AddDuplex(ReflectionContract.ServerReflectionInfoAlpha, reflection.HandleAsync);
    }
}
