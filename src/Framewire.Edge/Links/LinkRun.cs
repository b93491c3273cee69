using Framewire.Protocol.Video;
using Framewire.Protocol.Wire;
using Microsoft.Extensions.Logging;

namespace Framewire.Edge.Links;

/// <summary>How a link came to a good end.</summary>
internal enum LinkEnd
{
    /// <summary>Every frame has gone its way and the server has said OK.</summary>
    Complete,

    /// <summary>The server is about to stop and asked to be connected again.</summary>
    Drained,
}

/// <summary>
/// Moves frames from the outbox over one link, and acks back, until the end or until it breaks. Owned by the
/// <see cref="Publisher"/>; a sending loop, a receiving loop and a timer for reports and silence.
/// </summary>
internal sealed partial class LinkRun : IDisposable
{
    /// <summary>No word of a server keeps a publisher away for longer.</summary>
    private static readonly TimeSpan MostPause = TimeSpan.FromMinutes(1);

    private readonly PublishLink _link;
    private readonly Outbox _outbox;
    private readonly PublisherOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _over;
    private readonly CancellationTokenSource _stopSending;
    private long _lastWordAt;
    private bool _silent;
    private bool _answered;
    private volatile bool _hasSentAll;
    private TimeSpan? _reconnectAfter;

    /// <summary>A run over a link that has not been opened.</summary>
    public LinkRun(PublishLink link, Outbox outbox, PublisherOptions options, TimeProvider time, ILogger logger, CancellationToken cancellation)
    {
        (_link, _outbox, _options, _time, _logger) = (link, outbox, options, time, logger);
        _over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _stopSending = CancellationTokenSource.CreateLinkedTokenSource(_over.Token);
    }

    /// <summary>How long the server asked to be left alone, after <see cref="LinkEnd.Drained"/>.</summary>
    public TimeSpan ReconnectAfter => _reconnectAfter ?? TimeSpan.Zero;

    /// <summary>Called once, at the server's first word.</summary>
    public required Action WhenAnswered { get; init; }

    /// <summary>Called with what the processors made of each frame, by its sequence.</summary>
    public Action<ulong, IReadOnlyList<FrameResult>>? WhenProcessed { get; init; }

    /// <summary>Opens the link. The silence limit holds here too.</summary>
    public async Task OpenAsync()
    {
        using var silence = new CancellationTokenSource(_options.SilenceLimit, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, _over.Token);
        try
        {
            var terms = await _link.OpenAsync(_outbox.NextSequence, either.Token).ConfigureAwait(false);
            MaxFrameBytes = terms.MaxFrameBytes;
            if (terms.RoundTrip is not null)
                Answered();
            _outbox.LinkUp(terms.Held, terms.RoundTrip);
        }
        catch (OperationCanceledException) when (!_over.IsCancellationRequested)
        {
            throw Silent();
        }
    }

    /// <summary>The largest payload that the server takes.</summary>
    private int MaxFrameBytes { get; set; }

    /// <summary>Runs until every frame is acknowledged, the server drains, or the link breaks.</summary>
    /// <exception cref="GrpcException">The link broke.</exception>
    public async Task<LinkEnd> RunAsync()
    {
        _lastWordAt = _time.GetTimestamp();
        using var ticks = _time.CreateTimer(_ => _ = TickAsync(), null, _options.HeartbeatInterval, _options.HeartbeatInterval);
        var sending = SendAsync();
        var receiving = ReceiveAsync();
        try
        {
            // A link that breaks under the sender ends the receiver too, with the status that says why.
            var first = await Task.WhenAny(sending, receiving).ConfigureAwait(false);
            if (first == sending && sending.IsFaulted)
                await Task.WhenAny(receiving, Task.Delay(TimeSpan.FromSeconds(1), _time, _over.Token)).ConfigureAwait(false);
            if (receiving.IsCompleted)
                return await receiving.ConfigureAwait(false);
            await sending.ConfigureAwait(false);
            return await receiving.ConfigureAwait(false);
        }
        catch (Exception e) when (_silent && e is (OperationCanceledException or GrpcException))
        {
            throw Silent();
        }
        finally
        {
            await _over.CancelAsync().ConfigureAwait(false);
            await ((Task)sending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await ((Task)receiving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _outbox.LinkDown();
        }
    }

    public void Dispose()
    {
        _stopSending.Dispose();
        _over.Dispose();
    }

    private async Task SendAsync()
    {
        try
        {
            while (await _outbox.NextAsync(_stopSending.Token).ConfigureAwait(false) is { } next)
                await SendAsync(next).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_reconnectAfter is not null && !_over.IsCancellationRequested)
        {
            // What is under way is waited for; what is not goes over the next link, if there is anything.
            if (!_outbox.IsSent)
                return;
        }

        _hasSentAll = true;
        await _link.SendGapsAsync(_outbox.TakeLastGaps(), _over.Token).ConfigureAwait(false);
        // The last word on the session: what the ticks told may be most of a second old.
        await _link.SendReportAsync(_outbox.TakeReport, _over.Token).ConfigureAwait(false);
        await _link.CompleteAsync().ConfigureAwait(false);
    }

    private async Task SendAsync(Outgoing next)
    {
        try
        {
            if (next.Frame.Buffer.Length > MaxFrameBytes)
            {
                Log.TooLarge(_logger, next.Frame.Sequence, next.Frame.Buffer.Length, MaxFrameBytes);
                _outbox.Reject(next.Frame.Sequence);
                return;
            }

            await _link.SendAsync(next.Frame, next.Gaps, _over.Token).ConfigureAwait(false);
        }
        finally
        {
            next.Frame.Release();
        }
    }

    private async Task<LinkEnd> ReceiveAsync()
    {
        while (await _link.ReceiveAsync(_over.Token).ConfigureAwait(false) is { } word)
        {
            Volatile.Write(ref _lastWordAt, _time.GetTimestamp());
            Answered();
            TakeIn(word);
            if (_reconnectAfter is not null && _outbox.InFlight == 0 && !_hasSentAll)
                return LinkEnd.Drained;
        }

        return _outbox.IsComplete
            ? LinkEnd.Complete
            : throw new GrpcException(GrpcStatusCode.Unavailable, "The server ended the call before the publisher did.");
    }

    private void TakeIn(ServerWord word)
    {
        switch (word)
        {
            case ServerWord.Acknowledged ack:
                _outbox.Acknowledge(ack.Sequence, ack.Duplicate, ack.Times);
                break;
            case ServerWord.Reached reached:
                _outbox.Acknowledge(reached.Run, reached.Level);
                if (reached.Level == PublishAck.Processed)
                    WhenProcessed?.Invoke(reached.Run.Last, reached.Results);
                break;
            case ServerWord.Rejected rejected:
                Log.Rejected(_logger, rejected.Sequence, rejected.Why);
                _outbox.Reject(rejected.Sequence);
                break;
            case ServerWord.Draining draining:
                _reconnectAfter = Pause(draining.ReconnectAfter);
                _stopSending.Cancel();
                break;
        }
    }

    /// <summary>Once a heartbeat interval: says that this end is alive and how it does, and finds out whether the other is alive.</summary>
    private async Task TickAsync()
    {
        try
        {
            var owesAWord = _link.HasHeartbeats || _outbox.InFlight > 0;
            if (!owesAWord)
                Volatile.Write(ref _lastWordAt, _time.GetTimestamp());
            if (_time.GetElapsedTime(Volatile.Read(ref _lastWordAt)) >= _options.SilenceLimit)
            {
                _silent = true;
                await _over.CancelAsync().ConfigureAwait(false);
            }
            else
            {
                await _link.SendReportAsync(_outbox.TakeReport, _over.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is GrpcException or OperationCanceledException or ObjectDisposedException)
        {
            // The link is over; its loops say why.
        }
    }

    /// <summary>Neither a storm of connections nor a day's silence, whatever the server asks for.</summary>
    private TimeSpan Pause(TimeSpan asked) =>
        asked > MostPause ? MostPause : asked < _options.ReconnectDelay ? _options.ReconnectDelay : asked;

    private void Answered()
    {
        if (_answered)
            return;
        _answered = true;
        _outbox.LinkAnswered();
        WhenAnswered();
    }

    private GrpcException Silent() =>
        new(GrpcStatusCode.Unavailable, $"The server said nothing for {_options.SilenceLimit.TotalSeconds:0.#} s.");

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "Frame {Sequence} has {Bytes} bytes, more than the {Limit} that the server takes: dropped. Lower --quality or --size, or raise Wire:MaxMessageBytes at the server")]
        public static partial void TooLarge(ILogger logger, ulong sequence, int bytes, int limit);

        [LoggerMessage(LogLevel.Error, "The server rejected frame {Sequence}: {Why}")]
        public static partial void Rejected(ILogger logger, ulong sequence, string why);
    }
}
