using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using Framewire.Protocol.Wire;
using Framewire.Server.Access;
using Framewire.Server.Streams;
using Microsoft.Extensions.Logging;

namespace Framewire.Server.Ingest;

/// <summary><c>framewire.v1.Ingest/Publish</c>: admits a publisher to its stream. One for each server; any thread.</summary>
internal sealed partial class PublishEndpoint(
    StreamRegistry streams, AccessControl access, IngestOptions options, WireOptions wire, TimeProvider time, ILogger<PublishEndpoint> logger)
{
    /// <summary>Runs told in Opened; what is in the others is sent again and dropped as a duplicate.</summary>
    private const int MostRuns = 1024;

    /// <summary>Handles one call from its Open to its status.</summary>
    public async Task HandleAsync(
        MessageReader<FrameOr<PublishRequest>> requests, MessageWriter<PublishResponse> responses, ServerCall call)
    {
        var open = await ReadOpenAsync(requests, call.Cancellation);
        var (name, offered) = OpenCheck.Check(open);
        call.Caller().Demand(Right.Publish, name.Value);
        var acks = AwaitedBy(open!);
        using var publication = Admit(name, offered, call, open!, acks);
        var session = publication.Session;
        if (session.Format != offered.Format)
        {
            throw new GrpcException(
                GrpcStatusCode.InvalidArgument, $"Session '{session.Id}' of stream '{name}' began as {session.Format}; start a new session for {offered.Format}.");
        }

        Log.Opened(logger, name.Value, session.Id, session.Format, call.Peer, session.ReceivedSequence);
        await using var ingest = new IngestCall(requests, responses, publication, acks, call, access, options, time);
        await responses.WriteAsync(new PublishResponse { Opened = Opened(publication, open!.AckLevel, call.Caller()) }, cancellation: call.Cancellation);
        try
        {
            await ingest.RunAsync();
            publication.End(complete: true);
            Log.Completed(logger, name.Value, session.Id, session.Frames);
        }
        catch (Exception e) when (e is GrpcException or OperationCanceledException or IOException)
        {
            Log.Broke(logger, name.Value, session.Id, session.ReceivedSequence, e is GrpcException ? e.Message : "the connection is gone");
            throw;
        }
    }

    private async Task<Open?> ReadOpenAsync(MessageReader<FrameOr<PublishRequest>> requests, CancellationToken cancellation)
    {
        using var timeout = new CancellationTokenSource(options.OpenTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        try
        {
            if (!await requests.MoveNextAsync(either.Token))
                return null;
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new GrpcException(GrpcStatusCode.DeadlineExceeded, $"No Open came within {options.OpenTimeout.TotalSeconds:0.#} s.");
        }

        requests.Current.Frame?.Release();
        return requests.Current.Other?.Open;
    }

    private Publication Admit(Protocol.Video.StreamName name, StreamSession offered, ServerCall call, Open open, AwaitedAcks acks)
    {
        if (call.Draining.IsCancellationRequested)
            throw new GrpcException(GrpcStatusCode.Unavailable, "The server is about to stop; connect again in a moment.");
        var stream = streams.FindOrAdd(name)
            ?? throw new GrpcException(GrpcStatusCode.ResourceExhausted, "The server has as many streams as it may (Streams:MaxStreams).");
        if (acks.HasFlag(AwaitedAcks.Persisted) && stream.Recording.State == RecordingState.None)
        {
            throw new GrpcException(
                GrpcStatusCode.FailedPrecondition,
                $"Stream '{name}' asks for acks at level persisted, and this server does not record it: start it with --record, or ask for 'received'.");
        }

        if (open is { AckLevel: AckLevel.Processed, Mode: Mode.Lossless } && !stream.IsProcessed)
            throw new GrpcException(GrpcStatusCode.Unavailable, $"Stream '{name}' asks for acks at level processed, and no processor is attached to it yet; its frames wait until there is one.");

        var owner = call.Caller().Owner;
        return stream.TryPublish(offered, call.Peer, OpenCheck.Printable(open.Agent), acks, owner)
            ?? throw new GrpcException(
                GrpcStatusCode.AlreadyExists,
                stream.IsPublishedByOther(owner)
                    ? $"Somebody with another token publishes stream '{name}' now; give this one another name."
                    : $"A newer session publishes stream '{name}' now; stop one of the two publishers or give this one another name.");
    }

    private static AwaitedAcks AwaitedBy(Open open) =>
        (open.Results || open.AckLevel is AckLevel.Processed ? AwaitedAcks.Processed : 0) | (open.AckLevel is AckLevel.Persisted ? AwaitedAcks.Persisted : 0);

    private Opened Opened(Publication publication, AckLevel level, Caller caller)
    {
        var session = publication.Session;
        var opened = new Opened
        {
            ReceivedSequence = session.ReceivedSequence,
            ProcessedSequence = publication.ProcessedSequence,
            PersistedSequence = publication.PersistedSequence,
            MaxMessageBytes = (uint)wire.MaxMessageBytes,
            HeartbeatIntervalMillis = (uint)options.HeartbeatInterval.TotalMilliseconds,
            SilenceLimitMillis = (uint)options.SilenceLimit.TotalMilliseconds,
            ServerTimeUnixMicros = Micros.Of(time.GetUtcNow()),
            CredentialsExpireAtUnixMicros = caller.Expires is { } expires ? Micros.Of(expires) : 0,
        };
        if (session.IsLossless)
            opened.Held.AddRange(publication.Held((HeldLevel)Math.Max((int)level, 1), MostRuns).Select(run => new SequenceRange { FirstSequence = run.First, LastSequence = run.Last }));
        return opened;
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Stream {Stream}: session {Session} ({Format}) from {Peer} goes on after sequence {Received}")]
        public static partial void Opened(ILogger logger, string stream, string session, Protocol.Video.StreamFormat format, string peer, ulong received);

        [LoggerMessage(LogLevel.Information, "Stream {Stream}: session {Session} is complete, {Frames} frames")]
        public static partial void Completed(ILogger logger, string stream, string session, ulong frames);

        [LoggerMessage(LogLevel.Warning, "Stream {Stream}: session {Session} broke off after sequence {Received}: {Why}")]
        public static partial void Broke(ILogger logger, string stream, string session, ulong received, string why);
    }
}
