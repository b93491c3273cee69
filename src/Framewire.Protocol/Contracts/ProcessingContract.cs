using Framewire.Protocol.V1;
using Framewire.Protocol.Wire;

namespace Framewire.Protocol.Contracts;

/// <summary><c>framewire.v1.Processing</c>: frames out to processors, results back.</summary>
public static class ProcessingContract
{
    /// <summary>Attach, then answers; back come Attached, then frames.</summary>
    public static Method<AttachRequest, FrameOr<AttachResponse>> Attach { get; } = new(
        CallKind.Duplex,
        "framewire.v1.Processing",
        "Attach",
        Marshaller.Protobuf<AttachRequest>(),
        new FrameOrMarshaller<AttachResponse>(AttachResponse.FrameFieldNumber));
}
