using System.Collections.Concurrent;
using Framewire.Server.Streams;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Framewire.Server.Recording;

/// <summary>
/// Records every stream that is to be recorded, from its first frame, and looks after what is kept. One for each server that records; runs
/// as long as the host.
/// </summary>
internal sealed partial class Recorders : BackgroundService
{
    private readonly ConcurrentBag<Task> _recording = [];
    private readonly CancellationTokenSource _stopped = new();
    private readonly StreamRegistry _streams;
    private readonly RecordingStore _store;
    private readonly RecordingOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<Recorders> _logger;

    /// <summary>Attaches to the registry: before the first stream is made.</summary>
    public Recorders(StreamRegistry streams, RecordingStore store, RecordingOptions options, TimeProvider time, ILogger<Recorders> logger)
    {
        (_streams, _store, _options, _time, _logger) = (streams, store, options, time, logger);
        streams.Remember = store.Catalogue.Held;
        streams.StreamAdded += Record;
    }

    /// <summary>Ends every recording in order: after the last call, since a publisher that is draining still waits for its acks.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await _stopped.CancelAsync();
        await Task.WhenAll(_recording).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _stopped.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var retention = new Retention(_store, _options, _time, _logger);
        using var ticks = new PeriodicTimer(_options.CheckInterval, _time);
        try
        {
            do
            {
                await Task.Run(retention.DeleteWhatIsOver, stoppingToken);
            }
            while (await ticks.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }

    private void Record(LiveStream stream)
    {
        if (!_options.Records(stream.Name) || stream.TrySubscribeResident() is not { } subscription)
            return;
        stream.RecordingStarted();
        var recorder = new StreamRecorder(stream, _store, _options, _time, _logger);
        _recording.Add(RunAsync(recorder, stream, subscription));
    }

    private async Task RunAsync(StreamRecorder recorder, LiveStream stream, Subscription subscription)
    {
        try
        {
            await recorder.RunAsync(subscription, _stopped.Token);
        }
        catch (Exception e)
        {
            // A recorder that breaks takes no stream with it, and is not kept quiet about.
            Log.Broke(_logger, stream.Name, e);
            stream.RecordingStopped($"the recorder broke: {e.Message}");
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Critical, "Stream {Stream} is NOT recorded any more: the recorder broke")]
        public static partial void Broke(ILogger logger, string stream, Exception e);
    }
}
