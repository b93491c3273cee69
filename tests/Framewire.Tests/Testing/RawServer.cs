using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Framewire.Protocol.Wire;

namespace Framewire.Tests.Testing;

/// <summary>One request as a <see cref="RawServer"/> got it: whole, unless it was told to answer early.</summary>
internal sealed record RawRequest(int Connection, int Stream, List<(string Name, string Value)> Headers, byte[] Body)
{
    public string? Header(string name) => Headers.Where(header => header.Name == name).Select(header => header.Value).FirstOrDefault();
}

/// <summary>
/// A hostile server: answers each request with whatever HTTP/2 frames its script sends. Written without any of the product's code, so that it can bear witness. Owned by one test.
/// </summary>
internal sealed class RawServer : IAsyncDisposable
{
    private readonly Socket _listener = new(SocketType.Stream, ProtocolType.Tcp);
    private readonly Func<RawConnection, RawRequest, Task> _answer;
    private readonly bool _early;
    private readonly (ushort, int)[] _settings;
    private readonly ConcurrentBag<RawConnection> _connections = [];
    private int _accepted;

    private RawServer(Func<RawConnection, RawRequest, Task> answer, bool early, (ushort, int)[] settings)
    {
        (_answer, _early, _settings) = (answer, early, settings);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndPoint!).Port}");
        _ = AcceptAllAsync();
    }

    public Uri Address { get; }

    /// <summary>How many connections there were.</summary>
    public int Connections => Volatile.Read(ref _accepted);

    /// <summary>Every frame that came, from all connections.</summary>
    public ConcurrentQueue<RawFrame> Received { get; } = new();

    /// <summary>Completes with the error code of the first RST_STREAM that comes.</summary>
    public TaskCompletionSource<int> Reset { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="answer">Called when a request is whole.</param>
    /// <param name="early">Call it when the headers are there instead.</param>
    /// <param name="settings">SETTINGS for the client.</param>
    public static RawServer Start(Func<RawConnection, RawRequest, Task> answer, bool early = false, params (ushort, int)[] settings) => new(answer, early, settings);

    /// <summary>A server that answers every request with these frames, made for its stream.</summary>
    public static RawServer Answering(Func<int, IEnumerable<RawFrame>> frames) =>
        Start((connection, request) => connection.SendAsync([.. frames(request.Stream)]));

    /// <summary>The HEADERS of a response, or its trailers.</summary>
    public static RawFrame Headers(int stream, bool end, params (string Name, string Value)[] headers) =>
        new(FrameType.Headers, (byte)(RawFrame.EndHeaders | (end ? RawFrame.EndStream : 0)), stream, RawHeaders.Write(headers));

    /// <summary>The HEADERS of a good response.</summary>
    public static RawFrame GoodHead(int stream, params (string Name, string Value)[] more) =>
        Headers(stream, end: false, [(":status", "200"), ("content-type", "application/grpc"), .. more]);

    /// <summary>All of a good response with one message.</summary>
    public static IEnumerable<RawFrame> Good(int stream, byte[] message) =>
        [GoodHead(stream), RawFrame.Data(stream, message), Headers(stream, end: true, ("grpc-status", "0"))];

    /// <summary>A connection of the product's client to this server.</summary>
    public ClientConnection Connect(ClientConnectionOptions? options = null) => new(Address, options ?? Clients.Options);

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        foreach (var connection in _connections)
            await connection.DisposeAsync();
    }

    private async Task AcceptAllAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        var number = Interlocked.Increment(ref _accepted);
        Dictionary<int, (List<(string, string)> Headers, List<byte> Body)> open = [];
        try
        {
            var connection = await RawConnection.AcceptAsync(socket, _settings);
            _connections.Add(connection);
            while (true)
            {
                var frame = await connection.ReceiveAsync();
                Received.Enqueue(frame);
                if (frame.Type == FrameType.ResetStream)
                    Reset.TrySetResult(frame.ErrorCode);
                if (frame is { Type: FrameType.Settings, Flags: 0 })
                    await connection.SendAsync(frame with { Flags = RawFrame.Acknowledgement, Payload = [] });
                if (frame.Type == FrameType.Headers)
                    open[frame.Stream] = (RawHeaders.Read(frame.Payload), []);
                else if (frame.Type == FrameType.Data && open.TryGetValue(frame.Stream, out var request))
                    request.Body.AddRange(frame.Payload);
                if (frame.EndsStream || (_early && frame.Type == FrameType.Headers))
                    await _answer(connection, new RawRequest(number, frame.Stream, open[frame.Stream].Headers, [.. open[frame.Stream].Body]));
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
        }
    }
}
