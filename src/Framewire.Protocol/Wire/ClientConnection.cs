using System.Runtime.CompilerServices;
using Framewire.Protocol.Wire.Http2;

namespace Framewire.Protocol.Wire;

/// <summary>
/// A client's connection to one server, on which any number of calls run. Connects when the first call starts and again when a call starts after a
/// loss; never by itself. Owned by whoever made it; any thread.
/// </summary>
public sealed class ClientConnection : IAsyncDisposable
{
    /// <summary>How often a call that no server processed is tried again before its failure is shown.</summary>
    private const int MaxRepeats = 3;

    private readonly ClientConnectionOptions _options;
    private readonly HttpTransport _transport;
    private readonly ClientToken _token;
#pragma warning disable CA2213 // See DisposeAsync.
    private readonly CancellationTokenSource _disposal = new();
#pragma warning restore CA2213

    /// <param name="address"><c>http://host:port</c> for cleartext HTTP/2 with prior knowledge, <c>https://host:port</c> for TLS.</param>
    /// <param name="options">How to connect.</param>
    /// <exception cref="ArgumentException">The address or an option is not usable.</exception>
    public ClientConnection(Uri address, ClientConnectionOptions? options = null)
    {
        options ??= new ClientConnectionOptions();
        if (!address.IsAbsoluteUri || address.Scheme is not ("http" or "https"))
            throw new ArgumentException($"\"{address}\" is not an address of a server; give http://host:port or https://host:port.", nameof(address));
        var mistakes = options.Validate().ToList();
        if (mistakes.Count > 0)
            throw new ArgumentException(string.Join(" ", mistakes), nameof(options));
        if (options.MistakeFor(address) is { } mistake)
            throw new ArgumentException(mistake, nameof(address));
        _options = options;
        _token = new ClientToken(options);
        Address = address;
        _transport = options.Transport == ClientTransport.Framewire ? new Http2Transport(address, options) : new SocketsTransport(address, options);
    }

    public Uri Address { get; }

    /// <summary>The token that calls begun now show; null if there is none.</summary>
    /// <exception cref="GrpcException">UNAUTHENTICATED: its file cannot be read.</exception>
    public string? ReadToken() => _token.Read();

    /// <summary>Starts a call; returns at once. <paramref name="cancellation"/> cancels it at any time.</summary>
    public ClientCall<TRequest, TResponse> Start<TRequest, TResponse>(
        Method<TRequest, TResponse> method, CallOptions? options = null, CancellationToken cancellation = default) =>
        new(method, new ClientCallSide(_transport, method.Path, method.Kind, _token.AddTo(options ?? new CallOptions()), _options, _disposal.Token, cancellation));

    /// <summary>Sends the one request and returns the one response. Repeats the call unseen if it is certain that no server processed it.</summary>
    /// <exception cref="GrpcException">The call ended with another status than OK, or without exactly one response.</exception>
    public async Task<TResponse> UnaryAsync<TRequest, TResponse>(
        Method<TRequest, TResponse> method, TRequest request, CallOptions? options = null, CancellationToken cancellation = default)
    {
        var deadline = new CallDeadline(options ?? new CallOptions(), _options.Time);
        for (var repeats = 0; ; repeats++)
        {
            await using var call = Start(method, deadline.Remaining(), cancellation);
            try
            {
                await SendOnlyAsync(call, request, cancellation);
                return await ReadOnlyOneAsync(call, cancellation);
            }
            catch (GrpcException e) when (e.Unprocessed && repeats < MaxRepeats)
            {
            }
        }
    }

    /// <summary>Sends the one request and returns the responses as they come. Ending the enumeration early cancels the call.</summary>
    /// <exception cref="GrpcException">The call ended with another status than OK.</exception>
    public async IAsyncEnumerable<TResponse> ServerStreamingAsync<TRequest, TResponse>(
        Method<TRequest, TResponse> method, TRequest request, CallOptions? options = null, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await using var call = Start(method, options, cancellation);
        await SendOnlyAsync(call, request, cancellation);
        while (await call.Responses.MoveNextAsync(cancellation))
            yield return call.Responses.Current;
    }

    /// <summary>Ends the calls that are still running with CANCELLED and closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        // The source itself is not disposed: a call that starts too late shall find it cancelled.
        await _disposal.CancelAsync();
        await _transport.DisposeAsync();
    }

    private static async Task SendOnlyAsync<TRequest, TResponse>(ClientCall<TRequest, TResponse> call, TRequest request, CancellationToken cancellation)
    {
        try
        {
            // The flush comes with the half-close: message and END_STREAM leave together.
            await call.Requests.WriteAsync(request, flush: false, cancellation);
        }
        catch (GrpcException e) when (!e.Unprocessed)
        {
            // The server need not read a request to answer it. Its answer, if there is one, says more.
        }
        await call.CompleteAsync();
    }

    private static async Task<TResponse> ReadOnlyOneAsync<TRequest, TResponse>(ClientCall<TRequest, TResponse> call, CancellationToken cancellation)
    {
        if (!await call.Responses.MoveNextAsync(cancellation))
            throw new GrpcException(GrpcStatusCode.Unimplemented, "The server ended a unary call with OK but without a message.");
        var response = call.Responses.Current;
        if (await call.Responses.MoveNextAsync(cancellation))
            throw new GrpcException(GrpcStatusCode.Unimplemented, "The server sent more than one message to a unary call.");
        return response;
    }
}

/// <summary>The options of a call that may be tried more than once within one deadline. Owned by one call; one thread.</summary>
internal sealed class CallDeadline(CallOptions options, TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();

    /// <summary>The options, with what is left of the time.</summary>
    public CallOptions Remaining() => options.Timeout is { } timeout ? options with { Timeout = timeout - time.GetElapsedTime(_start) } : options;
}
