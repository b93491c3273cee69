using System.Threading.Channels;
using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using Framewire.Protocol.Wire;
using Framewire.Server.Access;
using Framewire.Server.Streams;
using Frame = Framewire.Protocol.Video.Frame;

namespace Framewire.Server.Ingest;

/// <summary>
/// One publisher's call after its Open: frames in, acks out. Owned by <see cref="PublishEndpoint"/>; a reading loop and a writing
/// loop, and one for each further level of acks, share only the channel of responses.
/// </summary>
internal sealed class IngestCall : IAsyncDisposable
{
    /// <summary>Acks that may wait for a publisher that does not read; then its frames wait too.</summary>
    private const int MaxWaitingResponses = 1024;

    private readonly MessageReader<FrameOr<PublishRequest>> _requests;
    private readonly MessageWriter<PublishResponse> _responses;
    private readonly Publication _publication;
    private readonly ServerCall _call;
    private readonly AccessControl _access;
    private readonly AwaitedAcks _acks;
    private readonly IngestOptions _options;
    private readonly TimeProvider _time;
    // An ack that nobody is about to write is written by whoever has it: no other thread need wake up for it.
    private readonly Channel<PublishResponse> _waiting = Channel.CreateBounded<PublishResponse>(
        new BoundedChannelOptions(MaxWaitingResponses) { SingleReader = true, AllowSynchronousContinuations = true });
    private readonly CancellationTokenSource _over;
    private readonly CancellationTokenRegistration _draining;
    private readonly ITimer _ticks;
    private bool _silent;
    private long _bytesAtLastTick;
    private long _lastByteAt;
    private volatile bool _saidSomething;

    /// <summary>False while a frame waits for a lossless reader: the publisher cannot be heard then, and is not silent.</summary>
    private volatile bool _waitsForPublisher = true;

    public IngestCall(
        MessageReader<FrameOr<PublishRequest>> requests,
        MessageWriter<PublishResponse> responses,
        Publication publication,
        AwaitedAcks acks,
        ServerCall call,
        AccessControl access,
        IngestOptions options,
        TimeProvider time)
    {
        (_requests, _responses, _publication, _acks, _options, _time) = (requests, responses, publication, acks, options, time);
        (_call, _access) = (call, access);
        _over = CancellationTokenSource.CreateLinkedTokenSource(call.Cancellation, publication.Revoked);
        _lastByteAt = time.GetTimestamp();
        _ticks = time.CreateTimer(_ => Tick(), null, options.HeartbeatInterval, options.HeartbeatInterval);
        _draining = call.Draining.Register(() => AskToReconnect("The server is about to stop.", options.HeartbeatInterval));
        if (acks.HasFlag(AwaitedAcks.Persisted))
            publication.RecordingResumed = () => AskToReconnect("Recording goes on; what came meanwhile is missing on disk.", TimeSpan.Zero);
    }

    /// <summary>Runs until the publisher half-closes and every frame is acknowledged.</summary>
    /// <exception cref="GrpcException">ABORTED: taken over. UNAVAILABLE: connected again, silent for too long, or not all of it gets to disk. INVALID_ARGUMENT: not the protocol.</exception>
    public async Task RunAsync()
    {
        var writing = WriteResponsesAsync();
        var persisting = _acks.HasFlag(AwaitedAcks.Persisted) ? AckPersistedAsync() : Task.CompletedTask;
        var processing = _acks.HasFlag(AwaitedAcks.Processed) ? AckProcessedAsync() : Task.CompletedTask;
        try
        {
            await ReadRequestsAsync();
            _publication.NoMore();
            await processing;
            await persisting;
            _waiting.Writer.TryComplete();
            await writing;
        }
        catch (OperationCanceledException) when (_publication.Revoked.IsCancellationRequested)
        {
            throw TakenOver();
        }
        catch (OperationCanceledException) when (_silent)
        {
            throw new GrpcException(GrpcStatusCode.Unavailable, $"Nothing came for {_options.SilenceLimit.TotalSeconds:0.#} s.");
        }
        finally
        {
            _waiting.Writer.TryComplete();
            await _over.CancelAsync();
            await Task.WhenAll(writing, persisting, processing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Both wait for a callback that is running: none may find the rest disposed.
        await _draining.DisposeAsync();
        await _ticks.DisposeAsync();
        _over.Dispose();
    }

    private async Task ReadRequestsAsync()
    {
        while (await _requests.MoveNextAsync(_over.Token))
        {
            _waitsForPublisher = false;
            if (_publication.Session.IsLossless && _requests.Current.Other?.Gap is not null)
                await _publication.ReadersHaveRoomAsync(_over.Token);
            if (_requests.Current.Frame is { } frame)
                await TakeInAsync(_publication.Received(frame, _time.GetUtcNow()));
            else
                TakeIn(_requests.Current.Other!);
            _waitsForPublisher = true;
        }

        // It has said its last word.
        _waitsForPublisher = false;
    }

    private void TakeIn(PublishRequest request)
    {
        switch (request.MessageCase)
        {
            case PublishRequest.MessageOneofCase.Gap when request.Gap is { FirstSequence: > 0 } gap && gap.FirstSequence <= gap.LastSequence:
                _publication.Report(new(gap.FirstSequence, gap.LastSequence, (Protocol.Video.DropReason)gap.Reason));
                break;
            case PublishRequest.MessageOneofCase.Report:
                _publication.TakeIn(ReportCheck.Bounded(request.Report));
                break;
            case PublishRequest.MessageOneofCase.Credentials:
                _access.Renew(_call, request.Credentials.Token, caller => caller.Demand(Right.Publish, _publication.StreamName));
                break;
            // None is what a newer publisher says and this server does not know.
            case PublishRequest.MessageOneofCase.Heartbeat or PublishRequest.MessageOneofCase.None:
                break;
            default:
                throw new GrpcException(GrpcStatusCode.InvalidArgument, $"A {request.MessageCase} is out of place here.");
        }
    }

    private async ValueTask TakeInAsync(Frame frame)
    {
        var ack = new Ack { Sequence = frame.Sequence, ReceivedAtUnixMicros = Micros.Of(frame.ReceivedAt) };
        if (FrameCheck.Judge(frame, _publication.Session.Format) is { } rejection)
        {
            frame.Release();
            _publication.CountRejected();
            ack.Rejection = rejection;
        }
        else
        {
            var outcome = await _publication.PublishAsync(frame, _over.Token);
            if (outcome is PublishOutcome.InvalidSequence)
                throw new GrpcException(GrpcStatusCode.InvalidArgument, "A frame has sequence 0; the first is 1.");
            if (outcome is PublishOutcome.TooScattered)
                throw new GrpcException(GrpcStatusCode.ResourceExhausted, "The session has as many holes as it may (Streams:MaxRunsPerSession); fill some in first.");
            if (outcome is PublishOutcome.Revoked)
                throw TakenOver();
            ack.Level = AckLevel.Received;
            ack.Duplicate = outcome is PublishOutcome.Duplicate;
        }

        await _waiting.Writer.WriteAsync(new PublishResponse { Ack = ack }, _over.Token);
    }

    /// <summary>Says what the processors made of each frame, until no frame will follow and all of them are answered.</summary>
    private async Task AckProcessedAsync()
    {
        for (var next = await _publication.NextProcessedAsync(_over.Token); next.Count > 0; next = await _publication.NextProcessedAsync(_over.Token))
        {
            foreach (var frame in next)
            {
                var ack = new Ack { Sequence = frame.Sequence, Level = AckLevel.Processed };
                ack.Results.AddRange(frame.Results.Select(ResultCoding.ToWire));
                await _waiting.Writer.WriteAsync(new PublishResponse { Ack = ack }, _over.Token);
            }
        }
    }

    /// <summary>Says what has got to disk, until no frame will follow and all of them are there.</summary>
    private async Task AckPersistedAsync()
    {
        for (var runs = await _publication.NextPersistedAsync(_over.Token); runs.Count > 0; runs = await _publication.NextPersistedAsync(_over.Token))
        {
            foreach (var run in runs)
            {
                var ack = new Ack { FirstSequence = run.First, Sequence = run.Last, Level = AckLevel.Persisted };
                await _waiting.Writer.WriteAsync(new PublishResponse { Ack = ack }, _over.Token);
            }
        }

        if (_publication.Unpersisted > 0)
            throw new GrpcException(GrpcStatusCode.Unavailable, $"Recording has stopped with {_publication.Unpersisted} frames not on disk; they must be sent again.");
    }

    /// <summary>A session that has connected again may go on: its calls can arrive here in another order than it made them.</summary>
    private GrpcException TakenOver() => _publication.WasReconnected
        ? new GrpcException(GrpcStatusCode.Unavailable, "This session has connected again.")
        : new GrpcException(GrpcStatusCode.Aborted, "Another session has taken this stream over.");

    /// <summary>Writes whatever waits, and flushes when nothing more does.</summary>
    private async Task WriteResponsesAsync()
    {
        while (await _waiting.Reader.WaitToReadAsync(_over.Token))
        {
            while (_waiting.Reader.TryRead(out var response))
            {
                if (response.Ack is { } ack)
                    ack.SentAtUnixMicros = Micros.Of(_time.GetUtcNow());
                await _responses.WriteAsync(response, flush: false, _over.Token);
            }

            _saidSomething = true;
            await _responses.FlushAsync(_over.Token);
        }
    }

    /// <summary>Once a heartbeat interval: says that the server is alive, and finds out whether the publisher is.</summary>
    private void Tick()
    {
        if (!_saidSomething)
            _waiting.Writer.TryWrite(new PublishResponse { Heartbeat = new Heartbeat { SentAtUnixMicros = Micros.Of(_time.GetUtcNow()) } });
        _saidSomething = false;

        var bytes = _requests.BytesReceived;
        if (bytes != _bytesAtLastTick || !_waitsForPublisher)
        {
            _bytesAtLastTick = bytes;
            _lastByteAt = _time.GetTimestamp();
        }
        else if (_time.GetElapsedTime(_lastByteAt) >= _options.SilenceLimit && !_over.IsCancellationRequested)
        {
            _silent = true;
            _over.Cancel();
        }
    }

    private void AskToReconnect(string why, TimeSpan after) => _waiting.Writer.TryWrite(new PublishResponse
    {
        Drain = new Drain { Reason = why, ReconnectAfterMillis = (uint)after.TotalMilliseconds },
    });
}
