using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using Framewire.Protocol.Video;
using Framewire.Protocol.Wire;
using Framewire.Server.Streams;

namespace Framewire.Server.Viewing;

/// <summary><c>framewire.v1.Viewing</c>: hands a stream's frames to a viewer. One for each server; any thread.</summary>
internal sealed class WatchEndpoint(StreamRegistry streams, ViewingOptions options, TimeProvider time)
{
    /// <summary>Handles one Watch call.</summary>
    public async Task WatchAsync(WatchRequest request, MessageWriter<FrameOr<WatchResponse>> responses, ServerCall call)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(call.Cancellation, call.Draining);
        using var subscription = Subscribe(request);
        try
        {
            await HandOutAsync(subscription, request.UntilEnd, responses, over.Token);
        }
        catch (OperationCanceledException) when (call.Draining.IsCancellationRequested)
        {
            throw new GrpcException(GrpcStatusCode.Unavailable, "The server is about to stop; watch again in a moment.");
        }
    }

    /// <summary>Handles one ListStreams call.</summary>
    public Task<ListStreamsResponse> ListAsync(ListStreamsRequest request, ServerCall call) =>
        Task.FromResult(StreamStatuses.List(streams, time.GetUtcNow()));

    private Subscription Subscribe(WatchRequest request)
    {
        if (!StreamName.TryParse(request.Stream, out var name))
            throw new GrpcException(GrpcStatusCode.InvalidArgument, $"That cannot be the name of a stream: a name is {StreamName.Rule}.");
        var stream = streams.Find(name.Value)
            ?? (request.Wait ? streams.FindOrAdd(name) : throw new GrpcException(GrpcStatusCode.NotFound, $"There is no stream '{name}'."))
            ?? throw new GrpcException(GrpcStatusCode.ResourceExhausted, "The server has as many streams as it may (Streams:MaxStreams).");

        Subscription? subscription;
        if (request.StartSequence == 0)
            subscription = stream.TrySubscribe(Overflow.DropToKeyframe);
        else if (!stream.TrySubscribeFrom(Overflow.DropToKeyframe, request.StartSequence, out subscription))
            throw new GrpcException(GrpcStatusCode.OutOfRange, $"Sequence {request.StartSequence} of stream '{name}' is no longer in memory.");
        return subscription
            ?? throw new GrpcException(GrpcStatusCode.ResourceExhausted, $"Stream '{name}' has as many viewers as it may (Streams:MaxViewersPerStream).");
    }

    private async Task HandOutAsync(
        Subscription subscription, bool untilEnd, MessageWriter<FrameOr<WatchResponse>> responses, CancellationToken cancellation)
    {
        while (true)
        {
            var next = subscription.NextAsync(cancellation).AsTask();
            while (!next.IsCompleted && !await CompletesWithin(next, options.HeartbeatInterval))
                await responses.WriteAsync(new(new WatchResponse { Heartbeat = Now() }), cancellation: cancellation);

            switch (await next)
            {
                case null:
                    return;
                case StreamEvent.Arrived arrived:
                    await WriteAsync(arrived.Frame, responses, cancellation);
                    break;
                case StreamEvent.WentOffline { Complete: true } offline when untilEnd:
                    await responses.WriteAsync(new(ToWire(offline)), cancellation: cancellation);
                    return;
                case var other:
                    await responses.WriteAsync(new(ToWire(other)), cancellation: cancellation);
                    break;
            }
        }
    }

    private static async Task WriteAsync(Protocol.Video.Frame frame, MessageWriter<FrameOr<WatchResponse>> responses, CancellationToken cancellation)
    {
        try
        {
            await responses.WriteAsync(new(frame), cancellation: cancellation);
        }
        finally
        {
            frame.Release();
        }
    }

    private async Task<bool> CompletesWithin(Task task, TimeSpan limit)
    {
        using var timeout = new CancellationTokenSource();
        var first = await Task.WhenAny(task, Task.Delay(limit, time, timeout.Token));
        await timeout.CancelAsync();
        return first == task;
    }

    private Heartbeat Now() => new() { SentAtUnixMicros = Micros.Of(time.GetUtcNow()) };

    private static WatchResponse ToWire(StreamEvent other) => other switch
    {
        StreamEvent.Started started => new()
        {
            Started = new() { Session = started.Session.Id, Format = FormatCoding.ToWire(started.Session.Format) },
        },
        StreamEvent.Missed missed => new()
        {
            Gap = new() { FirstSequence = missed.Gap.First, LastSequence = missed.Gap.Last, Reason = (Protocol.V1.DropReason)missed.Gap.Reason },
        },
        StreamEvent.WentOffline offline => new()
        {
            Offline = new() { SinceUnixMicros = Micros.Of(offline.Since), Complete = offline.Complete },
        },
        _ => throw new InvalidOperationException($"A {other.GetType().Name} is no message of Watch."),
    };
}
