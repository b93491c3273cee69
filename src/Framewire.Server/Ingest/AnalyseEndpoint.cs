using System.Collections.Concurrent;
using Framewire.Protocol.Video;
using Framewire.Protocol.Wire;
using Framewire.Server.Access;
using Framewire.Server.Streams;
using Microsoft.Extensions.Logging;

namespace Framewire.Server.Ingest;

/// <summary>
/// <c>video.Analyse</c>, the seed's contract: bare pictures in, one integer back for each, in order: what the processors reply, or else 1. Every call is a stream like any
/// other, named by the request header <c>framewire-stream</c> or else <c>analyse</c>, <c>analyse-2</c>, … One for each server; any thread.
/// </summary>
internal sealed partial class AnalyseEndpoint(
    StreamRegistry streams, IngestOptions options, TimeProvider time, ILogger<AnalyseEndpoint> logger)
{
    private const string NameHeader = "framewire-stream";
    private const string FreeName = "analyse";

    /// <summary>Pictures without a reply, because the processors are slow or the caller does not read; then its next one waits.</summary>
    private const int MaxUnanswered = 256;
    private readonly ConcurrentDictionary<string, bool> _given = new(StringComparer.Ordinal);

    /// <summary>Handles one call.</summary>
    public async Task HandleAsync(MessageReader<FrameBuffer> pictures, MessageWriter<int> replies, ServerCall call)
    {
        if (!await pictures.MoveNextAsync(call.Cancellation))
            return;

        var first = pictures.Current;
        var format = FormatOf(first.Memory.Span);
        var name = NameFor(call, out var given);
        try
        {
            var stream = streams.FindOrAdd(name)
                ?? throw new GrpcException(GrpcStatusCode.ResourceExhausted, "The server has as many streams as it may (Streams:MaxStreams).");
            // Its caller waits for each reply, so that none is passed over.
            var session = new StreamSession(Guid.NewGuid().ToString("N"), time.GetUtcNow(), format) { IsLossless = true };
            using var publication = stream.TryPublish(session, call.Peer, "video.Analyse", AwaitedAcks.Processed, call.Caller().Owner)
                ?? throw new GrpcException(GrpcStatusCode.AlreadyExists, $"A newer session publishes stream '{name}' now.");
            Log.Opened(logger, name.Value, format, call.Peer);
            await RunAsync(pictures, replies, publication, call);
            publication.End(complete: true);
            Log.Completed(logger, name.Value, session.Frames);
        }
        finally
        {
            if (given)
                _given.TryRemove(name.Value, out _);
        }
    }

    private async Task RunAsync(MessageReader<FrameBuffer> pictures, MessageWriter<int> replies, Publication publication, ServerCall call)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(call.Cancellation, publication.Revoked);
        using var unanswered = new SemaphoreSlim(MaxUnanswered);
        var replying = ReplyAsync(replies, publication, unanswered, over.Token);
        try
        {
            await await Task.WhenAny(PublishAsync(pictures, publication, unanswered, over.Token), replying);
            publication.NoMore();
            await replying;
        }
        catch (OperationCanceledException) when (publication.Revoked.IsCancellationRequested)
        {
            throw Revoked();
        }
        finally
        {
            await over.CancelAsync();
            await replying.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task PublishAsync(MessageReader<FrameBuffer> pictures, Publication publication, SemaphoreSlim unanswered, CancellationToken cancellation)
    {
        var start = time.GetTimestamp();
        var sequence = 0ul;
        do
        {
            var now = time.GetUtcNow();
            var picture = pictures.Current;
            if (FrameCheck.JudgePayload(picture.Memory.Span, publication.Session.Format) is { } rejection)
                throw new GrpcException(GrpcStatusCode.InvalidArgument, $"Picture {sequence + 1}: {rejection.Detail}.");
            await unanswered.WaitAsync(cancellation);
            var frame = new Frame
            {
                Sequence = ++sequence,
                Pts = time.GetElapsedTime(start),
                CapturedAt = now,
                ReceivedAt = now,
                IsKeyframe = true,
                Buffer = picture,
            };
            if (await publication.PublishAsync(frame, cancellation) is PublishOutcome.Revoked)
                throw Revoked();
        }
        while (await pictures.MoveNextAsync(cancellation));
    }

    private static async Task ReplyAsync(MessageWriter<int> replies, Publication publication, SemaphoreSlim unanswered, CancellationToken cancellation)
    {
        for (var next = await publication.NextProcessedAsync(cancellation); next.Count > 0; next = await publication.NextProcessedAsync(cancellation))
        {
            foreach (var frame in next)
            {
                await replies.WriteAsync(AnalyseReply.Of(frame.Results), cancellation: cancellation);
                unanswered.Release();
            }
        }
    }

    private static GrpcException Revoked() => new(GrpcStatusCode.Aborted, "Another call has taken this stream over.");

    private StreamFormat FormatOf(ReadOnlySpan<byte> picture)
    {
        if (FrameCheck.StartsAsJpeg(picture))
        {
            return JpegHeader.TryRead(picture, out var header)
                ? new StreamFormat(Codec.Jpeg, header.Width, header.Height)
                : throw new GrpcException(GrpcStatusCode.InvalidArgument, "The first picture starts as a JPEG, but its header cannot be read.");
        }

        var raw = options.AnalyseFormat;
        return picture.Length == raw.RawFrameBytes
            ? raw
            : throw new GrpcException(
                GrpcStatusCode.InvalidArgument,
                $"A picture of {picture.Length} bytes is neither a JPEG nor {raw} ({raw.RawFrameBytes} bytes); set Ingest:AnalyseFormat to its shape.");
    }

    /// <summary>The name that the caller asks for, or the first free one of ours.</summary>
    private StreamName NameFor(ServerCall call, out bool given)
    {
        given = false;
        if (call.RequestHeaders.Get(NameHeader) is { } asked)
        {
            if (StreamName.TryParse(asked, out var name))
            {
                call.Caller().Demand(Right.Publish, name.Value);
                return name;
            }

            throw new GrpcException(GrpcStatusCode.InvalidArgument, $"The header {NameHeader} cannot be used: a name is {StreamName.Rule}.");
        }

        given = true;
        for (var n = 1; ; n++)
        {
            var candidate = n == 1 ? FreeName : $"{FreeName}-{n}";
            call.Caller().Demand(Right.Publish, candidate);
            var isTaken = streams.Find(candidate)?.Status() is { OfflineSince: null };
            if (!isTaken && StreamName.TryParse(candidate, out var name) && _given.TryAdd(candidate, true))
                return name;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Stream {Stream}: {Format} by video.Analyse from {Peer}")]
        public static partial void Opened(ILogger logger, string stream, StreamFormat format, string peer);

        [LoggerMessage(LogLevel.Information, "Stream {Stream}: the video.Analyse call is complete, {Frames} frames")]
        public static partial void Completed(ILogger logger, string stream, ulong frames);
    }
}
