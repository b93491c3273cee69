using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Framewire.Tests.Testing;

/// <summary>What a server made of one HTTP/2 stream, frame by frame.</summary>
internal sealed record RawResponse(List<List<(string Name, string Value)>> Blocks, byte[] Body, bool Ended, int? ResetCode, int? GoAwayCode)
{
    public string? Header(string name) => Value(Blocks[0], name);

    /// <summary>A trailer, which in a Trailers-Only response is a header.</summary>
    public string? Trailer(string name) => Value(Blocks[^1], name);

    /// <summary>The gRPC status, or -1 if there is none.</summary>
    public int Status => Blocks.Count > 0 && Trailer("grpc-status") is { } text ? int.Parse(text, System.Globalization.CultureInfo.InvariantCulture) : -1;

    private static string? Value(List<(string Name, string Value)> block, string name) =>
        block.Where(header => header.Name == name).Select(header => header.Value).FirstOrDefault();
}

/// <summary>
/// A hostile client: cleartext HTTP/2 on a socket, each frame as the test wants it, none checked. Written without any of the product's code, so that it can bear witness. Owned by one test; one thread.
/// </summary>
internal sealed class RawConnection : IAsyncDisposable
{
    private static readonly byte[] Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray();

    private const long Marker = 0x6672616d65776972;

    private readonly Socket _socket;
    private readonly NetworkStream _body;

    private RawConnection(Socket socket) => (_socket, _body) = (socket, new NetworkStream(socket));

    public static async Task<RawConnection> OpenAsync(int port)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        var connection = new RawConnection(socket);
        await connection._body.WriteAsync(Preface);
        // HEADER_TABLE_SIZE 0, and a window that no test fills.
        await connection.SendAsync(RawFrame.Settings((1, 0), (4, 1 << 30)), RawFrame.WindowUpdate(0, 1 << 30));
        return connection;
    }

    /// <summary>The server's end of a connection that a client has made.</summary>
    public static async Task<RawConnection> AcceptAsync(Socket accepted, params (ushort Id, int Value)[] settings)
    {
        accepted.NoDelay = true;
        var connection = new RawConnection(accepted);
        await connection._body.ReadExactlyAsync(new byte[Preface.Length]);
        await connection.SendAsync(RawFrame.Settings([(1, 0), .. settings]), RawFrame.WindowUpdate(0, 1 << 30));
        return connection;
    }

    /// <summary>The headers of a good call, with some replaced, added, or (null) left out.</summary>
    public static List<(string Name, string Value)> Headers(string path, params (string Name, string? Value)[] changes)
    {
        List<(string Name, string Value)> headers =
            [(":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "localhost"), ("te", "trailers"), ("content-type", "application/grpc")];
        foreach (var name in changes.Select(change => change.Name).Distinct())
        {
            var at = headers.FindIndex(header => header.Name == name);
            headers.RemoveAll(header => header.Name == name);
            var values = changes.Where(change => change.Name == name && change.Value is not null).Select(change => (name, change.Value!));
            headers.InsertRange(at >= 0 ? at : headers.Count, values);
        }
        return headers;
    }

    public async Task SendAsync(params RawFrame[] frames) => await _body.WriteAsync(frames.SelectMany(frame => frame.ToBytes()).ToArray());

    public Task SendHeadersAsync(int stream, IEnumerable<(string Name, string Value)> headers, bool end = false) =>
        SendAsync(new RawFrame(FrameType.Headers, (byte)(RawFrame.EndHeaders | (end ? RawFrame.EndStream : 0)), stream, RawHeaders.Write(headers)));

    /// <summary>Sends a call whose body is these bytes, in one DATA frame that ends it, and reads what comes back.</summary>
    public async Task<RawResponse> CallAsync(int stream, IEnumerable<(string Name, string Value)> headers, byte[] body, bool end = true)
    {
        await SendHeadersAsync(stream, headers);
        await SendAsync(RawFrame.Data(stream, body, end));
        return await ResponseAsync(stream);
    }

    public async Task<RawFrame> ReceiveAsync()
    {
        var header = new byte[RawFrame.HeaderLength];
        await _body.ReadExactlyAsync(header);
        var payload = new byte[BinaryPrimitives.ReadInt32BigEndian(header) >> 8];
        await _body.ReadExactlyAsync(payload);
        return new RawFrame((FrameType)header[3], header[4], BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(5)), payload);
    }

    /// <summary>Reads to the end of one stream, and past it as far as a PING's answer: what follows the end (RST_STREAM) is seen too. Frames of other streams are passed over.</summary>
    public async Task<RawResponse> ResponseAsync(int stream)
    {
        List<List<(string, string)>> blocks = [];
        var body = new MemoryStream();
        var (ended, asked, reset, goAway) = (false, false, (int?)null, (int?)null);
        while (true)
        {
            RawFrame frame;
            try
            {
                if ((ended || reset is not null) && !asked)
                {
                    asked = true;
                    await SendAsync(RawFrame.Ping(Marker));
                }
                frame = await ReceiveAsync();
            }
            catch (IOException)
            {
                return new RawResponse(blocks, body.ToArray(), ended, reset, goAway); // The server closed the connection.
            }
            if (frame.Type == FrameType.Ping && BinaryPrimitives.ReadInt64BigEndian(frame.Payload) == Marker)
                return new RawResponse(blocks, body.ToArray(), ended, reset, goAway);
            if (frame.Type == FrameType.GoAway)
                goAway = frame.ErrorCode;
            if (frame.Stream != stream)
                continue;
            if (frame.Type == FrameType.Headers)
                blocks.Add(RawHeaders.Read(frame.Payload));
            else if (frame.Type == FrameType.Data)
                body.Write(frame.Payload);
            else if (frame.Type == FrameType.ResetStream)
                reset = frame.ErrorCode;
            ended |= frame.EndsStream;
        }
    }

    /// <summary>Ends the connection with a TCP RST.</summary>
    public void Abort()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await _body.DisposeAsync();
        _socket.Dispose();
    }
}
