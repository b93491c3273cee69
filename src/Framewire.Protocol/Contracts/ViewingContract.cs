using Framewire.Protocol.V1;
using Framewire.Protocol.Wire;

namespace Framewire.Protocol.Contracts;

/// <summary><c>framewire.v1.Viewing</c>: how frames go out.</summary>
public static class ViewingContract
{
    private const string Service = "framewire.v1.Viewing";

    /// <summary>The frames of one stream.</summary>
    public static Method<WatchRequest, FrameOr<WatchResponse>> Watch { get; } = new(
        CallKind.ServerStreaming,
        Service,
        "Watch",
        Marshaller.Protobuf<WatchRequest>(),
        new FrameOrMarshaller<WatchResponse>(WatchResponse.FrameFieldNumber));

    /// <summary>Every stream the server knows.</summary>
    public static Method<ListStreamsRequest, ListStreamsResponse> ListStreams { get; } = new(
        CallKind.Unary, Service, "ListStreams", Marshaller.Protobuf<ListStreamsRequest>(), Marshaller.Protobuf<ListStreamsResponse>());
}
