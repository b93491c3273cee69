using Framewire.Edge.Links;
using Framewire.Edge.Sources;
using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using Framewire.Protocol.Video;
using Framewire.Protocol.Wire;
using Microsoft.Extensions.Logging;

namespace Framewire.Edge;

/// <summary>
/// Publishes one source as one stream: captures without ever stopping for the network, numbers every frame, and keeps a link to
/// the server, for as long as the source lasts. Runs once; owned by its caller.
/// </summary>
/// <remarks>
/// source → capture loop → <see cref="Outbox"/> → <see cref="LinkRun"/> → server. The capture loop and the links know only the outbox.
/// </remarks>
public sealed partial class Publisher : IAsyncDisposable
{
    private readonly PublisherOptions _options;
    private readonly FrameSource _source;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ClientConnectionOptions _connection;
    private readonly PublishedSession _captured;
    private PublisherSpool? _spool;

    /// <summary>A publisher that has not started.</summary>
    /// <exception cref="ArgumentException">Mistakes in the options, all of them.</exception>
    public Publisher(PublisherOptions options, FrameSource source, ClientConnectionOptions connection, TimeProvider time, ILogger logger)
    {
        if (options.Validate().ToList() is { Count: > 0 } mistakes)
            throw new ArgumentException(string.Join(" ", mistakes), nameof(options));
        (_options, _source, _time, _logger) = (options, source, time, logger);
        _captured = _linked = new PublishedSession(new Outbox(options, time, !source.IsLive), Guid.NewGuid().ToString("N"), time.GetUtcNow());
        _connection = connection;
    }

    /// <summary>
    /// Raised with what the processors made of each frame, by the frame's sequence, in order, on the loop that receives acks: be quick. Only at
    /// level processed, or with <see cref="PublisherOptions.Results"/>. After a reconnect a frame may be told of again.
    /// </summary>
    public event Action<ulong, IReadOnlyList<FrameResult>>? Processed;

    /// <summary>Whether the server is connected now.</summary>
    public bool IsConnected { get; private set; }

    /// <summary>What the frames look like; null until the source is open.</summary>
    public StreamFormat? Format { get; private set; }

    /// <summary>Where every frame is now: those captured, and those that an earlier run left in the spool.</summary>
    public PublisherSnapshot Snapshot() => (_spool?.Earlier ?? []).Aggregate(
        _captured.Outbox.Snapshot(), (sum, earlier) => sum.Plus(earlier.Outbox.Snapshot()));

    /// <summary>Runs until the source ends and every frame has gone its way.</summary>
    /// <param name="stop">Ends the capture; then the last acks are waited for, but no longer than the flush time-out.</param>
    /// <exception cref="SourceException">The source cannot be opened or broke; what was captured before has been published.</exception>
    /// <exception cref="ServerNotFoundException">The server was not found in the time given for that.</exception>
    /// <exception cref="LinkException">The server refused for good.</exception>
    /// <exception cref="IOException">The spool cannot be used.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        Format = _captured.Format = await _source.OpenAsync(stop).ConfigureAwait(false);
        using var spool = _spool = _options.Spool.IsOn ? PublisherSpool.Open(_options, _captured, _time, _logger) : null;
        using var giveUp = new CancellationTokenSource();
        using var flushing = stop.Register(() => giveUp.CancelAfter(_options.FlushTimeout));
        using var captureStop = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var capture = CaptureAsync(giveUp, captureStop.Token);
        try
        {
            foreach (var earlier in spool?.Earlier ?? [])
                await KeepLinkedAsync(earlier, giveUp.Token).ConfigureAwait(false);
            await KeepLinkedAsync(_captured, giveUp.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (giveUp.IsCancellationRequested)
        {
            if (!_wasUp && !capture.IsFaulted && spool is null)
                throw new ServerNotFoundException($"No server was found while the source lasted: {_lastTrouble ?? "no answer"}");
            Log.FlushTimedOut(_logger, _options.FlushTimeout.TotalSeconds);
        }
        finally
        {
            await captureStop.CancelAsync().ConfigureAwait(false);
            await ((Task)capture).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var session in spool?.Earlier.Append(_captured) ?? [_captured])
                session.Outbox.Abandon();
        }

        await capture.ConfigureAwait(false);
    }

    /// <summary>Closes the source.</summary>
    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private async Task CaptureAsync(CancellationTokenSource giveUp, CancellationToken stop)
    {
        try
        {
            var left = _options.Frames ?? long.MaxValue;
            await foreach (var frame in _source.ReadAsync(stop).ConfigureAwait(false))
            {
                await _captured.Outbox.OfferAsync(frame with { Pts = frame.Pts + _captured.PtsOffset }, stop).ConfigureAwait(false);
                if (--left == 0)
                    return;
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Asked to stop: what was captured is still published.
        }
        finally
        {
            _captured.Outbox.CompleteCapture();
            // Live frames are worth nothing in a moment: whoever is not there by then need not be waited for.
            if (_options.Mode == PublishMode.Live)
                giveUp.CancelAfter(_options.FlushTimeout);
        }
    }

    private PublishLink NewLink(ClientConnection connection, PublishedSession session) => _options.Contract switch
    {
        PublishContract.Analyse => new AnalyseLink(connection, _options.Stream),
        _ => new FramewireLink(connection, OpenRequest(session), _time),
    };

    private Open OpenRequest(PublishedSession session) => new()
    {
        Stream = _options.Stream,
        Session = session.Id,
        SessionStartedAtUnixMicros = Micros.Of(session.StartedAt),
        Format = FormatCoding.ToWire(session.Format!),
        Mode = (Mode)_options.Mode,
        AckLevel = (AckLevel)_options.Ack,
        Results = _options.Results,
        Agent = $"framewire/{typeof(Publisher).Assembly.GetName().Version?.ToString(3)}",
    };
}
