using System.Buffers;
using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;

namespace Framewire.Protocol.Wire.Http2;

/// <summary>
/// One HTTP/2 connection to a server (RFC 9113): reads its frames on a loop of its own and hands each to the call that it belongs to. Owned by a
/// <see cref="Http2Transport"/>; any thread.
/// </summary>
/// <remarks>
/// A call that stops reading holds up nobody else: what a call may hold unread is bounded by its own window, and the connection's is given back at once.
/// </remarks>
internal sealed partial class Http2Connection : IDisposable
{
    /// <summary>How much this end takes in one frame.</summary>
    private const int MaxFrameBytes = 64 * 1024;

    /// <summary>What may be on the way on the whole connection.</summary>
    private const int ConnectionWindowBytes = 16 * 1024 * 1024;

    private const int InitialWindowBytes = 65_535;

    private static readonly byte[] Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray();

    private readonly ClientConnectionOptions _options;
    private readonly Http2Wire _wire;
    private readonly Http2Input _input;
    private readonly HpackDecoder _headers = new(tableSize: 4096);
#pragma warning disable CA2213 // Cancelled by whoever ends the connection, at any time.
    private readonly CancellationTokenSource _over = new();
#pragma warning restore CA2213
    private readonly Uri _address;
    private Exception? _failure;
    private int _ended;

    private Http2Connection(Uri address, Http2Wire wire, ClientConnectionOptions options)
    {
        (_address, _wire, _options) = (address, wire, options);
        _input = new Http2Input(wire, MaxFrameBytes + Http2Frame.HeaderLength);
        Output = new Http2Output(wire, End);
    }

    public Http2Output Output { get; }

    public Http2Streams Streams { get; } = new();

    public SendWindows Windows { get; } = new();

    /// <summary>The largest frame that the peer takes.</summary>
    public int PeerMaxFrameBytes { get; private set; } = 16 * 1024;

    public ClientConnectionOptions Options => _options;

    /// <summary>Completes when the connection has ended and every call of it knows.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    /// <summary>Connects and waits for the server's SETTINGS: only then it is certain that it speaks HTTP/2, and how many calls it takes.</summary>
    /// <exception cref="GrpcException">Always UNAVAILABLE, with the cause inside.</exception>
    public static async Task<Http2Connection> OpenAsync(Uri address, ClientConnectionOptions options, SslClientAuthenticationOptions? tls, CancellationToken disposal)
    {
        using var timeout = new CancellationTokenSource(options.ConnectTimeout);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, disposal);
        Http2Connection? connection = null;
        try
        {
            var wire = await Http2Wire.ConnectAsync(address, tls, both.Token);
            connection = new Http2Connection(address, wire, options);
            await connection.BeginAsync().WaitAsync(both.Token);
            connection.Ended = connection.RunAsync();
            return connection;
        }
        catch (Exception e)
        {
            connection?.End(e);
            if (e is OperationCanceledException && timeout.IsCancellationRequested)
                e = new TimeoutException($"The server did not answer within {options.ConnectTimeout.TotalSeconds:0.#} s.", e);
            throw TransportFailures.Explain(e, unprocessed: false);
        }
    }

    /// <summary>Writes the headers of a call.</summary>
    public void WriteRequest(IBufferWriter<byte> block, RequestHead request) =>
        HpackEncoder.WriteRequest(block, _address.Scheme == Uri.UriSchemeHttps, _options.CertificateHostName ?? _address.Authority, request);

    /// <summary>Ends the connection: its calls, and everything that waits for it. The first reason counts.</summary>
    public void End(Exception? reason)
    {
        var isFirst = Interlocked.CompareExchange(ref _failure, reason, null) is null;
        if (Interlocked.Exchange(ref _ended, 1) != 0)
            return;
        var breach = isFirst ? reason as HttpProtocolException : null;
        if (breach is not null)
            SayGoodbye((Http2Error)breach.ErrorCode);
        Streams.Close(int.MaxValue);
        Windows.CloseAll();
        _over.Cancel();
        // The reading loop finds the wire closed and tells the calls. Of a breach it has found out itself, and reads no more.
        if (breach is not null)
            _ = CloseAsync();
        else
            _wire.Dispose();
    }

    /// <summary>Ends the connection when a send that was going on still does after a while: nothing else can take a call out of the middle of it.</summary>
    public async Task EndIfStuckAsync()
    {
        if (Output.Sending is not { } send)
            return;
        await Task.Delay(TimeSpan.FromSeconds(1));
        if (Output.Sending == send)
            End(new IOException("The server takes no bytes, and a call that was sending was cancelled."));
    }

    /// <summary>A call has ended.</summary>
    public void Release(int number)
    {
        Streams.Release(number);
        if (Streams is { Closed: true, Count: 0 })
            End(null);
    }

    /// <summary>Tells the peer that a call is over.</summary>
    public void Reset(int number, Http2Error error)
    {
        Span<byte> code = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(code, (int)error);
        Queue(new Http2Frame(4, Http2FrameType.ResetStream, Http2Flags.None, number), code);
    }

    /// <summary>Lets the peer send more on one call, or (0) on the connection.</summary>
    public void GrowWindow(int number, int bytes)
    {
        Span<byte> more = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(more, bytes);
        Queue(new Http2Frame(4, Http2FrameType.WindowUpdate, Http2Flags.None, number), more);
    }

    public void Dispose()
    {
        if (_ended == 0)
            SayGoodbye(Http2Error.NoError);
        End(new ObjectDisposedException(nameof(ClientConnection)));
    }

    /// <summary>Lets the GOAWAY get there before the connection is closed.</summary>
    private async Task CloseAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
        try
        {
            await Output.CloseAsync(patience.Token);
            await _wire.DrainAsync(patience.Token);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // It is closed one way or the other.
        }
        finally
        {
            _wire.Dispose();
        }
    }

    private void SayGoodbye(Http2Error error)
    {
        Span<byte> last = stackalloc byte[8];
        last.Clear();
        BinaryPrimitives.WriteInt32BigEndian(last[4..], (int)error);
        Queue(new Http2Frame(8, Http2FrameType.GoAway, Http2Flags.None, 0), last);
    }

    private void Queue(Http2Frame frame, ReadOnlySpan<byte> payload)
    {
        try
        {
            Output.Queue(frame, payload);
        }
        catch (IOException e)
        {
            End(e);
        }
    }

    private async Task BeginAsync()
    {
        var settings = new ArrayBufferWriter<byte>();
        settings.Write(Preface);
        ReadOnlySpan<(Http2Setting, int)> ours =
        [
            (Http2Setting.EnablePush, 0),
            (Http2Setting.InitialWindowSize, _options.StreamWindowBytes),
            (Http2Setting.MaxFrameSize, MaxFrameBytes),
            (Http2Setting.MaxHeaderListSize, _options.MaxResponseHeadersKibibytes * 1024),
        ];
        new Http2Frame(ours.Length * 6, Http2FrameType.Settings, Http2Flags.None, 0).Write(settings.GetSpan(Http2Frame.HeaderLength));
        settings.Advance(Http2Frame.HeaderLength);
        foreach (var (name, value) in ours)
        {
            BinaryPrimitives.WriteUInt16BigEndian(settings.GetSpan(6), (ushort)name);
            BinaryPrimitives.WriteInt32BigEndian(settings.GetSpan(6)[2..], value);
            settings.Advance(6);
        }
        await _wire.SendAsync([new ArraySegment<byte>(settings.WrittenSpan.ToArray())]);
        GrowWindow(0, ConnectionWindowBytes - InitialWindowBytes);
        await ReadFirstSettingsAsync();
    }

    private async Task ReadFirstSettingsAsync()
    {
        Http2Frame? first;
        try
        {
            first = await _input.ReadFrameAsync();
        }
        catch (EndOfStreamException)
        {
            first = new Http2Frame();
        }
        if (first is null)
            throw new HttpRequestException(HttpRequestError.InvalidResponse, "The server closed the connection without a word.", new HttpIOException(HttpRequestError.ResponseEnded));
        if (first is not { Type: Http2FrameType.Settings, Stream: 0, Flags: Http2Flags.None, Length: <= 16 * 1024 } settings || settings.Length % 6 != 0)
            throw new GrpcException(GrpcStatusCode.Unavailable, "The server does not speak HTTP/2.", new HttpRequestException(HttpRequestError.VersionNegotiationError, null, new NotHttp2Exception(_input.FirstBytes)));
        ApplySettings((await _input.ReadAsync(settings.Length)).Span);
    }

    private async Task RunAsync()
    {
        // The caller must have the connection before its first frame.
        await Task.Yield();
        var watching = WatchAsync();
        try
        {
            while (await _input.ReadFrameAsync() is { } frame)
                await HandleAsync(frame);
            End(new HttpIOException(HttpRequestError.ResponseEnded, "the server closed it."));
        }
        catch (Exception e)
        {
            End(e is InvalidDataException ? new HttpProtocolException((long)Http2Error.CompressionError, e.Message, e) : e);
        }
        foreach (var exchange in Streams.Close(-1))
            exchange.Lose(Volatile.Read(ref _failure) ?? new IOException("it was closed."));
        await watching;
    }

    /// <summary>Asks a server that has been silent for long whether it is there, if the options say so.</summary>
    private async Task WatchAsync()
    {
        if (_options.KeepAlivePingDelay <= TimeSpan.Zero)
            return;
        try
        {
            while (true)
            {
                var silent = TimeProvider.System.GetElapsedTime(_input.LastReceived);
                if (silent < _options.KeepAlivePingDelay)
                {
                    await Task.Delay(_options.KeepAlivePingDelay - silent, _over.Token);
                    continue;
                }
                if (Streams.Count > 0 || _options.KeepAlivePingWithoutCalls)
                {
                    var before = _input.LastReceived;
                    Queue(new Http2Frame(8, Http2FrameType.Ping, Http2Flags.None, 0), "framewir"u8);
                    await Task.Delay(_options.KeepAlivePingTimeout, _over.Token);
                    if (_input.LastReceived == before)
                        End(new IOException($"a PING was not answered within {_options.KeepAlivePingTimeout.TotalSeconds:0.#} s."));
                }
                else
                {
                    await Task.Delay(_options.KeepAlivePingDelay, _over.Token);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The connection has ended.
        }
    }
}
