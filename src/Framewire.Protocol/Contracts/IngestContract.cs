using Framewire.Protocol.V1;
using Framewire.Protocol.Wire;

namespace Framewire.Protocol.Contracts;

/// <summary><c>framewire.v1.Ingest</c>: how frames come in.</summary>
public static class IngestContract
{
    /// <summary>Open, then frames; back come Opened, then acks.</summary>
    public static Method<FrameOr<PublishRequest>, PublishResponse> Publish { get; } = new(
        CallKind.Duplex,
        "framewire.v1.Ingest",
        "Publish",
        new FrameOrMarshaller<PublishRequest>(PublishRequest.FrameFieldNumber),
        Marshaller.Protobuf<PublishResponse>());
}
