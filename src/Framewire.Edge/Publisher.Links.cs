using Framewire.Edge.Links;
using Framewire.Protocol.Wire;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;

namespace Framewire.Edge;

/// <content>The link half: connect, run, and connect again, before the first connection and after each loss.</content>
public sealed partial class Publisher
{
    private string UnknownMethod => _options.Contract == PublishContract.Analyse
        ? "video.Analyse; a Framewire server knows it, and --contract framewire too."
        : "framewire.v1.Ingest; is it a Framewire server? One in the seed's contract takes --contract analyse.";

    /// <summary>A link that broke sooner than this counts as a failed attempt, so that the pauses grow.</summary>
    private static readonly TimeSpan SettledAfter = TimeSpan.FromSeconds(2);

    /// <summary>Different lines until the link is up again.</summary>
    private const int MostTold = 8;

    private PublishedSession _linked;
    private bool _wasUp;
    private string? _lastTrouble;
    private readonly HashSet<string> _told = [];

    private async Task KeepLinkedAsync(PublishedSession session, CancellationToken cancellation)
    {
        _linked = session;
        using var search = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (_options.WaitForServer is { } wait)
            search.CancelAfter(wait);

        var reconnecting = Reconnecting();
        while (true)
        {
            LinkEnd? end;
            try
            {
                end = await reconnecting
                    .ExecuteAsync(async token => await RunLinkAsync(search, token).ConfigureAwait(false), _wasUp ? cancellation : search.Token)
                    .ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                throw new ServerNotFoundException($"No server within {_options.WaitForServer!.Value.TotalSeconds:0.#} s: {_lastTrouble ?? "no answer"}");
            }
            catch (LinkLostException e)
            {
                throw new LinkException(e.Failure.Message, e);
            }

            if (end == LinkEnd.Complete)
                return;
        }
    }

    private ResiliencePipeline Reconnecting() => new ResiliencePipelineBuilder { TimeProvider = _time }
        .AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<LinkLostException>(e => e.Failure.CanHeal),
            MaxRetryAttempts = int.MaxValue,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = _options.ReconnectDelay,
            MaxDelay = _options.MaxReconnectDelay,
        })
        .Build();

    /// <summary>One link from its opening to its end; null if it broke after it had settled.</summary>
    private async Task<LinkEnd?> RunLinkAsync(CancellationTokenSource search, CancellationToken cancellation)
    {
        var openedAt = _time.GetTimestamp();
        try
        {
            var (end, pause) = await RunOneAsync(search, cancellation).ConfigureAwait(false);
            // The call has ended by now: the server that wants to stop need not wait for it.
            await Task.Delay(pause, _time, cancellation).ConfigureAwait(false);
            return end;
        }
        catch (GrpcException e)
        {
            var failure = LinkFailure.Of(e, _options.Server, _wasUp, UnknownMethod);
            LinkIsDown(failure);
            if (failure.CanHeal && IsSettled(openedAt))
                return null;
            throw new LinkLostException(failure, e);
        }
        finally
        {
            IsConnected = false;
        }
    }

    /// <summary>The link's good end, and how long to leave the server alone.</summary>
    private async Task<(LinkEnd End, TimeSpan Pause)> RunOneAsync(CancellationTokenSource search, CancellationToken cancellation)
    {
        // A connection of its own: one that went silent would take the next call as well, into the same black hole.
        await using var connection = new ClientConnection(_options.Server, _connection);
        await using var link = NewLink(connection, _linked);
        using var run = new LinkRun(link, _linked.Outbox, _options, _time, _logger, cancellation)
        {
            WhenAnswered = () => LinkIsUp(search),
            WhenProcessed = (sequence, results) => Processed?.Invoke(sequence, results),
        };
        await run.OpenAsync().ConfigureAwait(false);
        var end = await run.RunAsync().ConfigureAwait(false);
        if (end == LinkEnd.Drained)
            Log.Drained(_logger, _options.Server, run.ReconnectAfter.TotalSeconds);
        return (end, run.ReconnectAfter);
    }

    private bool IsSettled(long openedAt) => IsConnected && _time.GetElapsedTime(openedAt) >= SettledAfter;

    private void LinkIsUp(CancellationTokenSource search)
    {
        search.CancelAfter(Timeout.InfiniteTimeSpan);
        IsConnected = true;
        _lastTrouble = null;
        _told.Clear();
        if (_wasUp)
            Log.ConnectedAgain(_logger, _options.Server);
        else
            Log.Connected(_logger, _options.Server, _options.Stream);
        _wasUp = true;
    }

    /// <summary>One line for each kind of trouble until it is over, not one for each attempt: a forwarder fails now in one way, now in another.</summary>
    private void LinkIsDown(LinkFailure failure)
    {
        _lastTrouble = failure.Message;
        if (_told.Count >= MostTold || !_told.Add(failure.Message))
            return;
        if (failure.CanHeal && _wasUp)
            Log.Lost(_logger, failure.Message);
        else if (failure.CanHeal)
            Log.Waiting(_logger, _options.Server, failure.Message);
    }

    /// <summary>A link broke; says whether another try can help.</summary>
    private sealed class LinkLostException(LinkFailure failure, Exception inner) : Exception(failure.Message, inner)
    {
        public LinkFailure Failure => failure;
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Connected to {Server} as stream '{Stream}'")]
        public static partial void Connected(ILogger logger, Uri server, string stream);

        [LoggerMessage(LogLevel.Information, "Connected to {Server} again")]
        public static partial void ConnectedAgain(ILogger logger, Uri server);

        [LoggerMessage(LogLevel.Warning, "Waiting for server {Server}: {Why}")]
        public static partial void Waiting(ILogger logger, Uri server, string why);

        [LoggerMessage(LogLevel.Warning, "The link is lost, connecting again: {Why}")]
        public static partial void Lost(ILogger logger, string why);

        [LoggerMessage(LogLevel.Information, "{Server} is about to stop; connecting again in {Seconds} s")]
        public static partial void Drained(ILogger logger, Uri server, double seconds);

        [LoggerMessage(LogLevel.Warning, "Stopped without the last acks: none came within {Seconds} s")]
        public static partial void FlushTimedOut(ILogger logger, double seconds);
    }
}
