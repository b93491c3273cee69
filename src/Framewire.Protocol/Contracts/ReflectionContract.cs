using Framewire.Protocol.Wire;
using Grpc.Reflection.V1;

namespace Framewire.Protocol.Contracts;

/// <summary>
/// <c>grpc.reflection.v1.ServerReflection</c> and its older name: what a server's services and messages are, as tools ask
/// (https://github.com/grpc/grpc/blob/master/doc/server-reflection.md). Both are the same bytes, so one set of messages serves both.
/// </summary>
public static class ReflectionContract
{
    /// <summary>Questions in, answers out, in order.</summary>
    public static Method<ServerReflectionRequest, ServerReflectionResponse> ServerReflectionInfo { get; } = Of("grpc.reflection.v1.ServerReflection");

    /// <summary>The same by its older name.</summary>
    public static Method<ServerReflectionRequest, ServerReflectionResponse> ServerReflectionInfoAlpha { get; } = Of("grpc.reflection.v1alpha.ServerReflection");

    private static Method<ServerReflectionRequest, ServerReflectionResponse> Of(string service) => new(
        CallKind.Duplex,
        service,
        "ServerReflectionInfo",
        Marshaller.Protobuf<ServerReflectionRequest>(),
        Marshaller.Protobuf<ServerReflectionResponse>());
}
