using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using Framewire.Protocol.Wire;
using Framewire.Server.Streams;

namespace Framewire.Server.Viewing;

/// <summary>
/// Hands the frames of one or more streams to one viewer. Owned by <see cref="WatchEndpoint"/> for one call: a loop for each stream and one
/// for heartbeats share the writer.
/// </summary>
internal sealed class WatchCall(MessageWriter<FrameOr<WatchResponse>> responses, ViewingOptions options, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _writing = new(1);
    private volatile bool _saidSomething;

    /// <summary>Hands out until the call is over or, if the request says so, every stream's session is complete.</summary>
    public async Task RunAsync(IReadOnlyList<ShownStream> streams, WatchRequest request, CancellationToken cancellation)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var heartbeats = SayAliveAsync(over.Token);
        var handing = streams.Select((stream, index) => streams.Count == 1
            ? HandOutAsync(stream, 0, request, over.Token)
            : HandOutOneOfManyAsync(stream, (uint)index, request, over.Token)).ToList();
        try
        {
            for (var left = handing.ToList(); left.Count > 0;)
            {
                var first = await Task.WhenAny(left);
                left.Remove(first);
                await first;
            }
        }
        finally
        {
            await over.CancelAsync();
            await Task.WhenAll([heartbeats, .. handing]).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public void Dispose() => _writing.Dispose();

    /// <summary>What ends one stream for this viewer must not end the others.</summary>
    private async Task HandOutOneOfManyAsync(ShownStream stream, uint index, WatchRequest request, CancellationToken cancellation)
    {
        try
        {
            await HandOutAsync(stream, index, request, cancellation);
        }
        catch (GrpcException e)
        {
            var ended = new Ended { StatusCode = (uint)e.Status.Code, Reason = e.Status.Message };
            await WriteAsync(new(new WatchResponse { Ended = ended, StreamIndex = index }), cancellation);
        }
    }

    private async Task HandOutAsync(ShownStream stream, uint index, WatchRequest request, CancellationToken cancellation)
    {
        while (await stream.NextAsync(cancellation) is { } next)
        {
            if (next is StreamEvent.Arrived { Frame: var frame } arrived)
            {
                try
                {
                    var beside = index == 0 && !request.Results ? null : new WatchResponse { StreamIndex = index };
                    if (request.Results)
                        beside!.Results.AddRange((await stream.ResultsOfAsync(arrived, options.ResultPatience, cancellation)).Select(ResultCoding.ToWire));
                    await WriteAsync(new(frame, beside), cancellation);
                }
                finally
                {
                    frame.Release();
                }

                continue;
            }

            if (next is StreamEvent.Completing)
                continue;
            var response = ToWire(next);
            response.StreamIndex = index;
            await WriteAsync(new(response), cancellation);
            if (request.UntilEnd && next is StreamEvent.WentOffline { Complete: true })
                return;
        }
    }

    private async Task SayAliveAsync(CancellationToken cancellation)
    {
        using var ticks = new PeriodicTimer(options.HeartbeatInterval, time);
        while (await ticks.WaitForNextTickAsync(cancellation))
        {
            if (!_saidSomething && _writing.CurrentCount > 0)
                await WriteAsync(new(new WatchResponse { Heartbeat = new() { SentAtUnixMicros = Micros.Of(time.GetUtcNow()) } }), cancellation);
            _saidSomething = false;
        }
    }

    private async Task WriteAsync(FrameOr<WatchResponse> message, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation);
        try
        {
            await responses.WriteAsync(message, cancellation: cancellation);
            _saidSomething = true;
        }
        finally
        {
            _writing.Release();
        }
    }

    private static WatchResponse ToWire(StreamEvent other) => other switch
    {
        StreamEvent.Started started => new()
        {
            Started = new() { Session = started.Session.Id, Format = FormatCoding.ToWire(started.Session.Format) },
        },
        StreamEvent.Missed missed => new()
        {
            Gap = new() { FirstSequence = missed.Gap.First, LastSequence = missed.Gap.Last, Reason = (DropReason)missed.Gap.Reason },
        },
        StreamEvent.WentOffline offline => new()
        {
            Offline = new() { SinceUnixMicros = Micros.Of(offline.Since), Complete = offline.Complete },
        },
        _ => throw new InvalidOperationException($"A {other.GetType().Name} is no message of Watch."),
    };
}
