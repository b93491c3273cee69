using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using Framewire.Protocol.Video;
using Framewire.Protocol.Wire;
using DropReason = Framewire.Protocol.V1.DropReason;
using Frame = Framewire.Protocol.Video.Frame;
using Gap = Framewire.Protocol.Video.Gap;

namespace Framewire.Edge.Links;

/// <summary>A link in our own contract, <c>framewire.v1.Ingest/Publish</c>.</summary>
internal sealed class FramewireLink(ClientConnection connection, Open open, TimeProvider time) : PublishLink
{
    /// <summary>Room for a frame's fields beside its payload in one message.</summary>
    private const int FieldsBytes = 64 * 1024;

    private readonly ClientCall<FrameOr<PublishRequest>, PublishResponse> _call = connection.Start(IngestContract.Publish);
    private readonly SemaphoreSlim _writing = new(1);
    private string? _shown = connection.ReadToken();

    public override bool HasHeartbeats => true;

    public override async Task<LinkTerms> OpenAsync(ulong nextSequence, CancellationToken cancellation)
    {
        var request = open.Clone();
        request.NextSequence = nextSequence;
        await _call.Requests.WriteAsync(new(new PublishRequest { Open = request }), cancellation: cancellation).ConfigureAwait(false);
        var askedAt = time.GetTimestamp();
        if (!await _call.Responses.MoveNextAsync(cancellation).ConfigureAwait(false) || _call.Responses.Current.Opened is not { } opened)
            throw new GrpcException(GrpcStatusCode.Internal, "The server did not answer Open with Opened.");
        return new LinkTerms(Held(opened), MaxFrameBytes(opened.MaxMessageBytes), time.GetElapsedTime(askedAt));
    }

    public override async Task SendAsync(Frame frame, IReadOnlyList<Gap> gaps, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            await WriteAsync(gaps, cancellation).ConfigureAwait(false);
            await _call.Requests.WriteAsync(new(frame), cancellation: cancellation).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }

    public override async Task SendReportAsync(Func<SelfReport> take, CancellationToken cancellation)
    {
        if (!await _writing.WaitAsync(TimeSpan.Zero, cancellation).ConfigureAwait(false))
            return;
        try
        {
            await RenewAsync(cancellation).ConfigureAwait(false);
            await _call.Requests.WriteAsync(new(ToWire(take())), cancellation: cancellation).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Shows the server a newer token, so that the call need not end with the old one.</summary>
    private async Task RenewAsync(CancellationToken cancellation)
    {
        string? token;
        try
        {
            token = connection.ReadToken();
        }
        catch (GrpcException)
        {
            // Being written, or gone: the call goes on with what it has.
            return;
        }

        if (token is null || token == _shown)
            return;
        _shown = token;
        await _call.Requests.WriteAsync(new(new PublishRequest { Credentials = new Credentials { Token = token } }), flush: false, cancellation).ConfigureAwait(false);
    }

    public override async Task SendGapsAsync(IReadOnlyList<Gap> gaps, CancellationToken cancellation)
    {
        await _writing.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            await WriteAsync(gaps, cancellation).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }

    public override async Task CompleteAsync()
    {
        await _writing.WaitAsync().ConfigureAwait(false);
        // Never released: nothing may be written after the half-close.
        await _call.CompleteAsync().ConfigureAwait(false);
    }

    public override async ValueTask<ServerWord?> ReceiveAsync(CancellationToken cancellation)
    {
        if (!await _call.Responses.MoveNextAsync(cancellation).ConfigureAwait(false))
            return null;
        return _call.Responses.Current switch
        {
            { Ack: { Rejection: { } rejection } ack } => new ServerWord.Rejected(ack.Sequence, rejection.Detail),
            { Ack: { Level: > AckLevel.Received } ack } => new ServerWord.Reached(
                new SequenceRun(ack.FirstSequence == 0 ? ack.Sequence : ack.FirstSequence, ack.Sequence), (PublishAck)ack.Level, [.. ack.Results.Select(ResultCoding.FromWire)]),
            { Ack: { } ack } => new ServerWord.Acknowledged(ack.Sequence, ack.Duplicate, TimesOf(ack)),
            { Drain: { } drain } => new ServerWord.Draining(TimeSpan.FromMilliseconds(drain.ReconnectAfterMillis)),
            _ => new ServerWord.Heartbeat(),
        };
    }

    public override async ValueTask DisposeAsync()
    {
        await _call.DisposeAsync().ConfigureAwait(false);
        _writing.Dispose();
    }

    private async Task WriteAsync(IReadOnlyList<Gap> gaps, CancellationToken cancellation)
    {
        foreach (var gap in gaps)
            await _call.Requests.WriteAsync(new(ToWire(gap)), flush: false, cancellation).ConfigureAwait(false);
    }

    /// <summary>A server that tells no runs has everything up to what it tells.</summary>
    private SequenceSet Held(Opened opened)
    {
        var held = new SequenceSet(opened.Held.Select(run => new SequenceRun(run.FirstSequence, run.LastSequence)));
        if (opened.Held.Count == 0)
        {
            held.Add(new SequenceRun(1, open.AckLevel switch
            {
                AckLevel.Persisted => opened.PersistedSequence,
                AckLevel.Processed => opened.ProcessedSequence,
                _ => opened.ReceivedSequence,
            }));
        }

        return held;
    }

    /// <summary>What is left for a payload; a server that does not say takes anything.</summary>
    private static int MaxFrameBytes(uint maxMessageBytes)
    {
        var limit = maxMessageBytes == 0 ? int.MaxValue : (int)Math.Min(maxMessageBytes, int.MaxValue);
        return limit - Math.Min(FieldsBytes, limit / 2);
    }

    private static ServerTimes TimesOf(Ack ack) =>
        new(Micros.ToDateTimeOffset(ack.ReceivedAtUnixMicros), Micros.ToDateTimeOffset(ack.SentAtUnixMicros));

    private static PublishRequest ToWire(SelfReport report)
    {
        var (now, lately) = (report.Now, report.Lately);
        var wire = new Report
        {
            Captured = (ulong)now.Captured,
            Acked = (ulong)now.Acked,
            Waiting = (ulong)(now.Queued + now.InFlight),
            AckP50Micros = (uint)Micros.Of(lately.AckP50),
            AckP99Micros = (uint)Micros.Of(lately.AckP99),
            QueueP50Micros = (uint)Micros.Of(lately.QueueP50),
            ClockOffsetMicros = Micros.Of(now.ClockOffset ?? TimeSpan.Zero),
        };
        wire.Drops.AddRange(now.Dropped.Select(drop => new DropCount { Reason = (DropReason)drop.Key, Frames = (ulong)drop.Value }));
        return new PublishRequest { Report = wire };
    }

    private static PublishRequest ToWire(Gap gap) => new()
    {
        Gap = new() { FirstSequence = gap.First, LastSequence = gap.Last, Reason = (DropReason)gap.Reason },
    };
}
