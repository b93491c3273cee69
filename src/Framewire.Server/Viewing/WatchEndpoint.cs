using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using Framewire.Protocol.Video;
using Framewire.Protocol.Wire;
using Framewire.Server.Access;
using Framewire.Server.Forms;
using Framewire.Server.Streams;
using Codec = Framewire.Protocol.Video.Codec;

namespace Framewire.Server.Viewing;

/// <summary><c>framewire.v1.Viewing</c>: hands streams' frames to a viewer. One for each server; any thread.</summary>
internal sealed class WatchEndpoint(StreamRegistry streams, StreamForms forms, ViewingOptions options, Func<int> grpcPort, TimeProvider time)
{
    private const int MostStreams = 256;

    /// <summary>Handles one Watch call.</summary>
    public async Task WatchAsync(WatchRequest request, MessageWriter<FrameOr<WatchResponse>> responses, ServerCall call)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(call.Cancellation, call.Draining);
        using var watch = new WatchCall(responses, options, time);
        List<ShownStream> shown = [];
        try
        {
            Open(request, shown, call.Caller());
            await watch.RunAsync(shown, request, over.Token);
        }
        catch (OperationCanceledException) when (call.Draining.IsCancellationRequested)
        {
            throw new GrpcException(GrpcStatusCode.Unavailable, "The server is about to stop; watch again in a moment.");
        }
        finally
        {
            shown.ForEach(stream => stream.Dispose());
        }
    }

    /// <summary>Handles one ListStreams call.</summary>
    public Task<ListStreamsResponse> ListAsync(ListStreamsRequest request, ServerCall call)
    {
        var response = StreamStatuses.List(streams.Published.Where(stream => call.Caller().May(Right.Watch, stream.Name)), time.GetUtcNow());
        response.GrpcPort = (uint)grpcPort();
        return Task.FromResult(response);
    }

    private void Open(WatchRequest request, List<ShownStream> shown, Caller caller)
    {
        if (request.MoreStreams.Count >= MostStreams)
            throw new GrpcException(GrpcStatusCode.InvalidArgument, $"One call carries at most {MostStreams} streams; these are {request.MoreStreams.Count + 1}.");
        var codecs = request.Codecs.Select(codec => (Codec)codec).ToHashSet();
        // All names first: a call that is refused leaves nothing behind.
        var names = request.MoreStreams.Prepend(request.Stream).Select(Checked).ToList();
        names.ForEach(name => caller.Demand(Right.Watch, name.Value));
        foreach (var name in names)
        {
            var stream = Find(name, request.Wait);
            shown.Add(new ShownStream(stream, Subscribe(stream, shown.Count == 0 ? request.StartSequence : 0), forms, codecs));
        }
    }

    private static StreamName Checked(string text) => StreamName.TryParse(text, out var name)
        ? name
        : throw new GrpcException(GrpcStatusCode.InvalidArgument, $"That cannot be the name of a stream: a name is {StreamName.Rule}.");

    private LiveStream Find(StreamName name, bool wait) =>
        streams.Find(name.Value)
        ?? (wait ? streams.FindOrAdd(name) : throw new GrpcException(GrpcStatusCode.NotFound, $"There is no stream '{name}'."))
        ?? throw new GrpcException(GrpcStatusCode.ResourceExhausted, "The server has as many streams as it may (Streams:MaxStreams).");

    private static Subscription Subscribe(LiveStream stream, ulong startSequence)
    {
        Subscription? subscription;
        if (startSequence == 0)
            subscription = stream.TrySubscribe(Overflow.DropToKeyframe);
        else if (!stream.TrySubscribeFrom(Overflow.DropToKeyframe, startSequence, out subscription))
            throw new GrpcException(GrpcStatusCode.OutOfRange, $"Sequence {startSequence} of stream '{stream.Name}' is no longer in memory.");
        return subscription
            ?? throw new GrpcException(GrpcStatusCode.ResourceExhausted, $"Stream '{stream.Name}' has as many viewers as it may (Streams:MaxViewersPerStream).");
    }
}
