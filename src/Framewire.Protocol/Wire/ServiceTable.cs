namespace Framewire.Protocol.Wire;

/// <summary>Runs one method's handler on a call whose headers have been checked. Made by the table, used by the dispatcher on any thread.</summary>
internal delegate Task CallHandler(ServerCall call, ServerCallSide side);

/// <summary>
/// The methods that a server has, by their path. Filled before the server starts by whoever composes it; the first look-up freezes it, after which any thread may look.
/// </summary>
public sealed class ServiceTable
{
    // Ordinal: a path is compared byte for byte, or authorisation by path could be walked around.
    private readonly Dictionary<string, CallHandler> _handlers = new(StringComparer.Ordinal);
    private readonly HashSet<string> _whileDraining = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _services = new(StringComparer.Ordinal);
    private volatile bool _frozen;

    /// <summary>The paths of all methods.</summary>
    public IReadOnlyCollection<string> Paths => _handlers.Keys;

    /// <summary>The services that have a method here, by name: <c>framewire.v1.Ingest</c>.</summary>
    public IReadOnlyCollection<string> Services => _services;

    /// <summary>Has a method answered while the server drains too, when all others refuse new calls.</summary>
    public void AnswerWhileDraining<TRequest, TResponse>(Method<TRequest, TResponse> method)
    {
        if (_frozen || !_handlers.ContainsKey(method.Path))
            throw new InvalidOperationException($"{method.Path} must have been added, before the server began to answer calls.");
        _whileDraining.Add(method.Path);
    }

    /// <summary>One request, one response.</summary>
    public void AddUnary<TRequest, TResponse>(Method<TRequest, TResponse> method, Func<TRequest, ServerCall, Task<TResponse>> handler) =>
        Add(method, CallKind.Unary, async (call, side) =>
            await RespondAsync(method, call, side, await handler(await ReadOnlyOneAsync(method, side), call)));

    /// <summary>One request, any number of responses.</summary>
    public void AddServerStreaming<TRequest, TResponse>(
        Method<TRequest, TResponse> method, Func<TRequest, MessageWriter<TResponse>, ServerCall, Task> handler) =>
        Add(method, CallKind.ServerStreaming, async (call, side) =>
            await handler(await ReadOnlyOneAsync(method, side), Responses(method, side), call));

    /// <summary>Any number of requests, one response.</summary>
    public void AddClientStreaming<TRequest, TResponse>(
        Method<TRequest, TResponse> method, Func<MessageReader<TRequest>, ServerCall, Task<TResponse>> handler) =>
        Add(method, CallKind.ClientStreaming, async (call, side) =>
            await RespondAsync(method, call, side, await handler(Requests(method, side), call)));

    /// <summary>Any number of messages each way, at the same time.</summary>
    public void AddDuplex<TRequest, TResponse>(
        Method<TRequest, TResponse> method, Func<MessageReader<TRequest>, MessageWriter<TResponse>, ServerCall, Task> handler) =>
        Add(method, CallKind.Duplex, (call, side) => handler(Requests(method, side), Responses(method, side), call));

    /// <summary>True if a service of this exact name has a method here.</summary>
    public bool ContainsService(string name) => _services.Contains(name);

    /// <summary>True if this exact path is a method's.</summary>
    public bool Contains(string path) => TryFind(path, out _);

    internal bool TryFind(string path, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out CallHandler? handler)
    {
        _frozen = true;
        return _handlers.TryGetValue(path, out handler);
    }

    internal bool AnswersWhileDraining(string path) => _whileDraining.Contains(path);

    private void Add<TRequest, TResponse>(Method<TRequest, TResponse> method, CallKind kind, CallHandler handler)
    {
        if (method.Kind != kind)
            throw new ArgumentException($"{method.Path} is {method.Kind}, not {kind}.", nameof(method));
        if (_frozen)
            throw new InvalidOperationException($"{method.Path} comes too late: the server has begun to answer calls.");
        if (!_handlers.TryAdd(method.Path, handler))
            throw new ArgumentException($"{method.Path} has a handler already.", nameof(method));
        _services.Add(method.Service);
    }

    private static MessageReader<TRequest> Requests<TRequest, TResponse>(Method<TRequest, TResponse> method, ServerCallSide side) =>
        new(side, method.Requests);

    private static MessageWriter<TResponse> Responses<TRequest, TResponse>(Method<TRequest, TResponse> method, ServerCallSide side) =>
        new(side, method.Responses) { Compress = true };

    private static async Task<TRequest> ReadOnlyOneAsync<TRequest, TResponse>(Method<TRequest, TResponse> method, ServerCallSide side)
    {
        var requests = Requests(method, side);
        using var patience = new CancellationTokenSource(side.RequestTimeout, side.Time);
        try
        {
            if (!await requests.MoveNextAsync(patience.Token))
                throw new GrpcException(GrpcStatusCode.Unimplemented, $"{method.Path} takes one message; none came.");
            var request = requests.Current;
            if (await requests.MoveNextAsync(patience.Token))
                throw new GrpcException(GrpcStatusCode.Unimplemented, $"{method.Path} takes one message; more came.");
            return request;
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !side.Over.IsCancellationRequested)
        {
            throw new GrpcException(GrpcStatusCode.DeadlineExceeded, $"The request did not come whole within {side.RequestTimeout.TotalSeconds:0.#} s.");
        }
    }

    private static async Task RespondAsync<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ServerCall call, ServerCallSide side, TResponse response) =>
        // Without a flush: headers, message and trailers leave together.
        await Responses(method, side).WriteAsync(response, flush: false, call.Cancellation);
}
