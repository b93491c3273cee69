using Framewire.Protocol.V1;
using Framewire.Protocol.Wire;

namespace Framewire.Protocol.Contracts;

/// <summary><c>framewire.v1.Recordings</c>: how recorded frames go out.</summary>
public static class RecordingsContract
{
    private const string Service = "framewire.v1.Recordings";

    /// <summary>Every recording.</summary>
    public static Method<ListRequest, ListResponse> List { get; } = new(
        CallKind.Unary, Service, "List", Marshaller.Protobuf<ListRequest>(), Marshaller.Protobuf<ListResponse>());

    /// <summary>What is recorded of a stream, and what is missing.</summary>
    public static Method<TimelineRequest, TimelineResponse> Timeline { get; } = new(
        CallKind.Unary, Service, "Timeline", Marshaller.Protobuf<TimelineRequest>(), Marshaller.Protobuf<TimelineResponse>());

    /// <summary>Where something is.</summary>
    public static Method<FindRequest, FindResponse> Find { get; } = new(
        CallKind.Unary, Service, "Find", Marshaller.Protobuf<FindRequest>(), Marshaller.Protobuf<FindResponse>());

    /// <summary>What the processors made of frames.</summary>
    public static Method<ReadResultsRequest, FrameResults> ReadResults { get; } = new(
        CallKind.ServerStreaming, Service, "ReadResults", Marshaller.Protobuf<ReadResultsRequest>(), Marshaller.Protobuf<FrameResults>());

    /// <summary>Recorded frames.</summary>
    public static Method<ReadRequest, FrameOr<ReadResponse>> Read { get; } = new(
        CallKind.ServerStreaming, Service, "Read", Marshaller.Protobuf<ReadRequest>(), new FrameOrMarshaller<ReadResponse>(ReadResponse.FrameFieldNumber));
}
