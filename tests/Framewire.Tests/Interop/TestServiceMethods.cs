using Framewire.Protocol.Wire;
using Framewire.Tests.Interop.Messages;
using Google.Protobuf;

namespace Framewire.Tests.Interop;

/// <summary>The methods of grpc.testing.TestService, for our server and our client alike.</summary>
internal static class TestServiceMethods
{
    public const string Service = "grpc.testing.TestService";

    public static readonly Method<Empty, Empty> EmptyCall = Of<Empty, Empty>(CallKind.Unary, nameof(EmptyCall));
    public static readonly Method<SimpleRequest, SimpleResponse> UnaryCall = Of<SimpleRequest, SimpleResponse>(CallKind.Unary, nameof(UnaryCall));
    public static readonly Method<StreamingOutputCallRequest, StreamingOutputCallResponse> StreamingOutputCall =
        Of<StreamingOutputCallRequest, StreamingOutputCallResponse>(CallKind.ServerStreaming, nameof(StreamingOutputCall));
    public static readonly Method<StreamingInputCallRequest, StreamingInputCallResponse> StreamingInputCall =
        Of<StreamingInputCallRequest, StreamingInputCallResponse>(CallKind.ClientStreaming, nameof(StreamingInputCall));
    public static readonly Method<StreamingOutputCallRequest, StreamingOutputCallResponse> FullDuplexCall =
        Of<StreamingOutputCallRequest, StreamingOutputCallResponse>(CallKind.Duplex, nameof(FullDuplexCall));
    public static readonly Method<StreamingOutputCallRequest, StreamingOutputCallResponse> HalfDuplexCall =
        Of<StreamingOutputCallRequest, StreamingOutputCallResponse>(CallKind.Duplex, nameof(HalfDuplexCall));
    public static readonly Method<Empty, Empty> UnimplementedCall = Of<Empty, Empty>(CallKind.Unary, nameof(UnimplementedCall));

    /// <summary>A method of a service that no server has.</summary>
    public static readonly Method<Empty, Empty> UnimplementedService = UnimplementedCall with { Service = "grpc.testing.UnimplementedService" };

    public static Payload Zeros(int size) => new() { Body = UnsafeByteOperations.UnsafeWrap(new byte[size]) };

    private static Method<TRequest, TResponse> Of<TRequest, TResponse>(CallKind kind, string name)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new() =>
        new(kind, Service, name, Marshaller.Protobuf<TRequest>(), Marshaller.Protobuf<TResponse>());
}
