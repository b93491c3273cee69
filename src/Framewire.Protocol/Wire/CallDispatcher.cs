namespace Framewire.Protocol.Wire;

/// <summary>
/// Takes each call from its headers to its status: checks what the protocol asks, runs the handler, turns what it throws into a status, keeps the
/// deadline, and drains. One for a server; any number of calls run through it at the same time.
/// </summary>
public sealed class CallDispatcher(ServiceTable services, WireOptions options, TimeProvider? time = null) : IDisposable
{
    /// <summary>How long a handler, or a client that does not read, may hold a call up after its end before the HTTP/2 stream is reset under it.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    /// <summary>Clients bound the headers they take: a longer message would cost them the status.</summary>
    private const int LongestMessage = 1024;

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly CancellationTokenSource _shutdown = new();
    private readonly CancellationTokenSource _draining = new();
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _running;

    public ServiceTable Services { get; } = services;

    public WireOptions Options { get; } = options;

    /// <summary>Calls whose handlers are running.</summary>
    public int RunningCalls => Volatile.Read(ref _running);

    /// <summary>Told of each handler that failed with something else than a <see cref="GrpcException"/>; its caller sees only UNKNOWN.</summary>
    public Action<ServerCall, Exception>? OnHandlerFailure { get; init; }

    /// <summary>Refuses new calls with UNAVAILABLE, but of methods that are to be answered all the same; gives the running ones <paramref name="bound"/> to finish, then cancels them. Done when none runs.</summary>
    public async Task DrainAsync(TimeSpan bound)
    {
        await _draining.CancelAsync();
        if (RunningCalls == 0)
            return;
        try
        {
            await _idle.Task.WaitAsync(bound, _time);
        }
        catch (TimeoutException)
        {
            await _shutdown.CancelAsync();
            await _idle.Task;
        }
    }

    /// <summary>Says whether a caller may call a method (its path) at all: the status if not, null if he may. Null for everybody may.</summary>
    public Func<string, CallIdentity?, GrpcStatus?>? Admit { get; init; }

    /// <summary>Told of each call that has ended: its path, which may be any text if there is no such method, and its status.</summary>
    public Action<string, GrpcStatusCode>? Ended { get; init; }

    /// <summary>How long the one request of a call that has but one may take to come whole.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Answers one call. Does not throw for what the client or the handler did.</summary>
    public async Task RunAsync(ServerExchange exchange)
    {
        exchange.AddHeader("content-type", "application/grpc");
        Interlocked.Increment(ref _running);
        try
        {
            if (Refusal(exchange, out var handler, out var timeout) is { } refusal)
            {
                Ended?.Invoke(exchange.Path, refusal.Code);
                await EndAsync(exchange, side: null, refusal, new Metadata());
            }
            else
            {
                await RunHandlerAsync(exchange, handler!, timeout);
            }
        }
        finally
        {
            if (Interlocked.Decrement(ref _running) == 0 && _draining.IsCancellationRequested)
                _idle.TrySetResult();
        }
    }

    public void Dispose()
    {
        _shutdown.Dispose();
        _draining.Dispose();
    }

    /// <summary>What is wrong with a call before its handler is asked; null if nothing is.</summary>
    private GrpcStatus? Refusal(ServerExchange exchange, out CallHandler? handler, out TimeSpan? timeout)
    {
        timeout = null;
        if (!Services.TryFind(exchange.Path, out handler))
            return new(GrpcStatusCode.Unimplemented, "There is no such method here.");
        if (Admit?.Invoke(exchange.Path, exchange.Identity) is { } refusal)
            return refusal;
        if (_draining.IsCancellationRequested && !Services.AnswersWhileDraining(exchange.Path))
            return new(GrpcStatusCode.Unavailable, "The server is shutting down.");
        if (exchange.RequestHeader("te") != "trailers")
            return new(GrpcStatusCode.Internal, "The request lacks te: trailers, so its status might be lost on the way back.");
        var encoding = exchange.RequestHeader("grpc-encoding");
        if (!GzipCoding.IsKnown(encoding))
        {
            exchange.AddHeader("grpc-accept-encoding", GzipCoding.Accepted);
            return new(GrpcStatusCode.Unimplemented, $"Messages in \"{encoding}\" cannot be read here; {GzipCoding.Accepted} can.");
        }
        if (exchange.RequestHeader("grpc-timeout") is not { } text)
            return null;
        if (!GrpcTimeout.TryParse(text, out var given))
            return new(GrpcStatusCode.Internal, $"\"{text}\" is not a grpc-timeout.");
        timeout = given;
        return given > TimeSpan.Zero ? null : new(GrpcStatusCode.DeadlineExceeded, "The deadline had passed when the call came.");
    }

    private async Task RunHandlerAsync(ServerExchange exchange, CallHandler handler, TimeSpan? timeout)
    {
        using var side = new ServerCallSide(exchange, Options, timeout, _time, _shutdown.Token) { Identity = exchange.Identity, RequestTimeout = RequestTimeout };
        var call = new ServerCall(exchange, side, timeout is { } limit ? Deadline(limit) : null, _draining.Token);
        side.ResponseHeaders = call.ResponseHeaders;
        var (status, trailers) = await OutcomeAsync(exchange, side, call, handler);
        Ended?.Invoke(exchange.Path, status.Code);
        if (side.Ended != ServerCallEnd.PeerGone)
            await EndAsync(exchange, side, status, trailers);
    }

    private DateTimeOffset Deadline(TimeSpan timeout)
    {
        var now = _time.GetUtcNow();
        return timeout < DateTimeOffset.MaxValue - now ? now + timeout : DateTimeOffset.MaxValue;
    }

    private async Task<(GrpcStatus Status, Metadata Trailers)> OutcomeAsync(
        ServerExchange exchange, ServerCallSide side, ServerCall call, CallHandler handler)
    {
        try
        {
            var run = handler(call, side);
            await ResetIfHeldUpAsync(exchange, side, run);
            await run;
            return (GrpcStatus.Ok, call.ResponseTrailers);
        }
        catch (GrpcException e)
        {
            foreach (var (name, value) in e.Trailers)
                call.ResponseTrailers.AddUnchecked(name, value);
            return (e.Status, call.ResponseTrailers);
        }
        catch (OperationCanceledException) when (side.Ended != ServerCallEnd.None)
        {
            return (StatusOf(side), call.ResponseTrailers);
        }
#pragma warning disable CA1031 // Whatever a handler throws must not take the connection with it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            OnHandlerFailure?.Invoke(call, e);
            return (new(GrpcStatusCode.Unknown, "The handler failed."), call.ResponseTrailers);
        }
    }

    private async Task ResetIfHeldUpAsync(ServerExchange exchange, ServerCallSide side, Task run)
    {
        if (run.IsCompleted)
            return;
        await Task.WhenAny(run, side.WhenOver);
        if (run.IsCompleted)
            return;
        await Task.WhenAny(run, Task.Delay(Grace, _time));
        if (!run.IsCompleted)
            exchange.Reset(Http2Error.Cancel);
    }

    private static GrpcStatus StatusOf(ServerCallSide side) => side.Ended switch
    {
        ServerCallEnd.Identity => new(GrpcStatusCode.Unauthenticated, side.Identity?.WhyEnded ?? ""),
        ServerCallEnd.Deadline => new(GrpcStatusCode.DeadlineExceeded, "The deadline passed."),
        ServerCallEnd.Shutdown => new(GrpcStatusCode.Unavailable, "The server is shutting down."),
        _ => new(GrpcStatusCode.Cancelled, "The call was cancelled."),
    };

    /// <summary>Sends the status: in the headers if there is nothing else (Trailers-Only), in trailers otherwise.</summary>
    private async Task EndAsync(ServerExchange exchange, ServerCallSide? side, GrpcStatus status, Metadata trailers)
    {
        var trailersOnly = side is null || (!side.HeadersAdded && !status.IsOk && side.ResponseHeaders!.Count == 0);
        if (!trailersOnly)
            side!.AddHeaders();
        Action<string, string> add = trailersOnly ? exchange.AddHeader : exchange.AddTrailer;
        add("grpc-status", ((int)status.Code).ToString(System.Globalization.CultureInfo.InvariantCulture));
        if (status.Message.Length > 0)
            add("grpc-message", StatusMessage.Encode(status.Message.Length <= LongestMessage ? status.Message : status.Message[..LongestMessage]));
        foreach (var (name, value) in trailers)
        {
            // Trailers that a handler passes on from somewhere else may be anything.
            if (MetadataRules.IsText(value))
                add(name, value);
        }
        var completing = exchange.CompleteAsync();
        if (side is not null)
            await ResetIfHeldUpAsync(exchange, side, completing);
        await completing;
    }
}
