using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using Framewire.Protocol.Wire;
using Framewire.Server.Access;
using Framewire.Server.Streams;
using Microsoft.Extensions.Logging;

namespace Framewire.Server.Processing;

/// <summary><c>framewire.v1.Processing/Attach</c>: admits an instance of a processor. One for each server; any thread.</summary>
internal sealed partial class AttachEndpoint(
    ProcessorRegistry processors, StreamRegistry streams, AccessControl access, ProcessingOptions options, TimeProvider time, ILogger<AttachEndpoint> logger)
{
    /// <summary>When the server stops, processors stay this long for the publishers' last frames.</summary>
    private static readonly TimeSpan DrainPatience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan DrainCheck = TimeSpan.FromMilliseconds(50);

    /// <summary>Handles one call from its Attach to its status.</summary>
    public async Task HandleAsync(MessageReader<AttachRequest> requests, MessageWriter<FrameOr<AttachResponse>> responses, ServerCall call)
    {
        var attach = await ReadAttachAsync(requests, call.Cancellation);
        var (asked, credit) = AttachCheck.Check(attach);
        var spec = asked with { Allowed = call.Caller().StreamsFor(Right.Process) };
        if (call.Draining.IsCancellationRequested)
            throw Draining();
        var worker = new RemoteWorker(time);
        var attached = new Attached
        {
            HeartbeatIntervalMillis = (uint)options.HeartbeatInterval.TotalMilliseconds,
            AnswerTimeoutMillis = (uint)options.AnswerTimeout.TotalMilliseconds,
        };
        processors.Attach(spec, worker, credit);
        Log.Attached(logger, spec.Name, spec, call.Peer);
        var (isDone, why) = (false, "its call broke off");
        try
        {
            await responses.WriteAsync(new(new AttachResponse { Attached = attached }), cancellation: call.Cancellation);
            await RunAsync(new AttachCall(requests, responses, worker, options, time) { WhenRenewed = token => Renew(call, token, spec) }, call);
            (isDone, why) = (true, "it is done");
        }
        catch (GrpcException e)
        {
            why = e.Status.Message;
            throw;
        }
        finally
        {
            processors.Detach(spec, worker, isDone);
            worker.Leave(why);
            Log.Detached(logger, spec.Name, call.Peer, why);
        }
    }

    /// <summary>The frames that it has came by the rights that it had.</summary>
    private void Renew(ServerCall call, string token, ProcessorSpec spec) => access.Renew(call, token, caller =>
    {
        if (caller.Refusal(Right.Process) is { } refusal)
            throw new GrpcException(refusal.Code, refusal.Message);
        if (!caller.StreamsFor(Right.Process).SequenceEqual(spec.Allowed))
            throw new GrpcException(GrpcStatusCode.PermissionDenied, "The newer token is for other streams; attach again with it.");
    });

    private async Task RunAsync(AttachCall attached, ServerCall call)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(call.Cancellation);
        using var draining = call.Draining.Register(() => _ = EndWhenIdleAsync(over));
        try
        {
            await attached.RunAsync(over.Token);
        }
        catch (OperationCanceledException) when (call.Draining.IsCancellationRequested && !call.Cancellation.IsCancellationRequested)
        {
            throw Draining();
        }
    }

    /// <summary>A publisher that is told to go still waits for its acks.</summary>
    private async Task EndWhenIdleAsync(CancellationTokenSource over)
    {
        var since = time.GetTimestamp();
        while (streams.All.Any(stream => stream.HasPendingResults || stream.Status().OfflineSince is null) && time.GetElapsedTime(since) < DrainPatience)
            await Task.Delay(DrainCheck, time);
        try
        {
            await over.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // The call has ended by itself.
        }
    }

    private async Task<Attach?> ReadAttachAsync(MessageReader<AttachRequest> requests, CancellationToken cancellation)
    {
        using var timeout = new CancellationTokenSource(options.AttachTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        try
        {
            return await requests.MoveNextAsync(either.Token) ? requests.Current.Attach : null;
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new GrpcException(GrpcStatusCode.DeadlineExceeded, $"No Attach came within {options.AttachTimeout.TotalSeconds:0.#} s.");
        }
    }

    private static GrpcException Draining() => new(GrpcStatusCode.Unavailable, "The server is about to stop; attach again in a moment.");

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Processor {Processor} for {Spec} attached from {Peer}")]
        public static partial void Attached(ILogger logger, string processor, ProcessorSpec spec, string peer);

        [LoggerMessage(LogLevel.Information, "Processor {Processor} from {Peer} detached: {Why}")]
        public static partial void Detached(ILogger logger, string processor, string peer, string why);
    }
}
