using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using Framewire.Protocol.Wire;
using Frame = Framewire.Protocol.Video.Frame;

namespace Framewire.Tests.Testing;

/// <summary>A Watch call, read message by message. Stateless.</summary>
internal static class Watching
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(50);

    /// <summary>Starts to watch, and reads nothing.</summary>
    public static async Task<ClientCall<WatchRequest, FrameOr<WatchResponse>>> StartAsync(ClientConnection connection, WatchRequest request)
    {
        var call = connection.Start(ViewingContract.Watch, new CallOptions { Timeout = Patience });
        await call.Requests.WriteAsync(request, flush: false);
        await call.CompleteAsync();
        return call;
    }

    /// <summary>The next frame, which the caller holds; what comes before it is put into <paramref name="others"/>.</summary>
    public static async Task<Frame> NextFrameAsync(ClientCall<WatchRequest, FrameOr<WatchResponse>> call, List<WatchResponse>? others = null)
    {
        while (await call.Responses.MoveNextAsync().AsTask().WaitAsync(Patience))
        {
            if (call.Responses.Current.Frame is { } frame)
                return frame;
            others?.Add(call.Responses.Current.Other!);
        }

        throw new InvalidOperationException("The call ended before a frame came.");
    }
}
