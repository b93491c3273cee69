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
    private readonly Outbox _outbox;
    private readonly ClientConnectionOptions _connection;
    private readonly string _session = Guid.NewGuid().ToString("N");
    private readonly DateTimeOffset _startedAt;

    /// <summary>A publisher that has not started.</summary>
    /// <exception cref="ArgumentException">Mistakes in the options, all of them.</exception>
    public Publisher(PublisherOptions options, FrameSource source, ClientConnectionOptions connection, TimeProvider time, ILogger logger)
    {
        if (options.Validate().ToList() is { Count: > 0 } mistakes)
            throw new ArgumentException(string.Join(" ", mistakes), nameof(options));
        (_options, _source, _time, _logger) = (options, source, time, logger);
        _startedAt = time.GetUtcNow();
        _outbox = new Outbox(options, time);
        _connection = connection;
    }

    /// <summary>Whether the server is connected now.</summary>
    public bool IsConnected { get; private set; }

    /// <summary>What the frames look like; null until the source is open.</summary>
    public StreamFormat? Format { get; private set; }

    /// <summary>Where every captured frame is now.</summary>
    public PublisherSnapshot Snapshot() => _outbox.Snapshot();

    /// <summary>Runs until the source ends and every frame has gone its way.</summary>
    /// <param name="stop">Ends the capture; then the last acks are waited for, but no longer than the flush time-out.</param>
    /// <exception cref="SourceException">The source cannot be opened or broke; what was captured before has been published.</exception>
    /// <exception cref="ServerNotFoundException">The server was not found in the time given for that.</exception>
    /// <exception cref="LinkException">The server refused for good.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        Format = await _source.OpenAsync(stop).ConfigureAwait(false);
        using var giveUp = new CancellationTokenSource();
        using var flushing = stop.Register(() => giveUp.CancelAfter(_options.FlushTimeout));
        using var captureStop = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var capture = CaptureAsync(giveUp, captureStop.Token);
        try
        {
            await KeepLinkedAsync(Format, giveUp.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (giveUp.IsCancellationRequested)
        {
            if (!_wasUp && !capture.IsFaulted)
                throw new ServerNotFoundException($"No server was found while the source lasted: {_lastTrouble ?? "no answer"}");
            Log.FlushTimedOut(_logger, _options.FlushTimeout.TotalSeconds);
        }
        finally
        {
            await captureStop.CancelAsync().ConfigureAwait(false);
            await ((Task)capture).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _outbox.Abandon();
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
                await _outbox.OfferAsync(frame, stop).ConfigureAwait(false);
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
            _outbox.CompleteCapture();
            // Live frames are worth nothing in a moment: whoever is not there by then need not be waited for.
            if (_options.Mode == PublishMode.Live)
                giveUp.CancelAfter(_options.FlushTimeout);
        }
    }

    private PublishLink NewLink(ClientConnection connection, StreamFormat format) => _options.Contract switch
    {
        PublishContract.Analyse => new AnalyseLink(connection, _options.Stream),
        _ => new FramewireLink(connection, OpenRequest(format), _time),
    };

    private Open OpenRequest(StreamFormat format) => new()
    {
        Stream = _options.Stream,
        Session = _session,
        SessionStartedAtUnixMicros = Micros.Of(_startedAt),
        Format = FormatCoding.ToWire(format),
        Mode = (Mode)_options.Mode,
        AckLevel = AckLevel.Received,
        Agent = $"framewire/{typeof(Publisher).Assembly.GetName().Version?.ToString(3)}",
    };
}
