using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Framewire.Bench.Load;

/// <summary>
/// The ceiling: frames over bare TCP, as little as can be done to have every frame acknowledged.
/// <code>
/// to the server:  length 32, little-endian | that many bytes      for each frame
/// back:           0 32                                            when it has read all of one
/// </code>
/// </summary>
internal static class RawTcp
{
    public const int PrefixBytes = 4;
    public const int AckBytes = 4;

    public static async Task<Socket> ConnectAsync(int port, CancellationToken cancellation)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port, cancellation);
        return socket;
    }

    /// <summary>A frame with its length in front.</summary>
    public static byte[] Framed(ReadOnlySpan<byte> payload)
    {
        var framed = new byte[PrefixBytes + payload.Length];
        BinaryPrimitives.WriteInt32LittleEndian(framed, payload.Length);
        payload.CopyTo(framed.AsSpan(PrefixBytes));
        return framed;
    }

    public static async ValueTask SendAsync(Socket socket, ReadOnlyMemory<byte> framed, CancellationToken cancellation)
    {
        while (framed.Length > 0)
            framed = framed[await socket.SendAsync(framed, cancellation)..];
    }

    public static async ValueTask<bool> TryFillAsync(Socket socket, Memory<byte> buffer, CancellationToken cancellation)
    {
        while (buffer.Length > 0)
        {
            var read = await socket.ReceiveAsync(buffer, cancellation);
            if (read == 0)
                return false;
            buffer = buffer[read..];
        }

        return true;
    }

    /// <summary>Acknowledges frames on a free port, until killed.</summary>
    public static async Task ServeAsync()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start(1024);
        Console.WriteLine($"listening {((IPEndPoint)listener.LocalEndpoint).Port}");
        while (true)
            _ = ServeOneAsync(await listener.AcceptSocketAsync());
    }

    private static async Task ServeOneAsync(Socket socket)
    {
        using var owned = socket;
        socket.NoDelay = true;
        byte[] prefix = new byte[PrefixBytes], ack = new byte[AckBytes], frame = [];
        try
        {
            while (await TryFillAsync(socket, prefix, default))
            {
                var length = BinaryPrimitives.ReadInt32LittleEndian(prefix);
                if (frame.Length < length)
                    frame = new byte[length];
                if (!await TryFillAsync(socket, frame.AsMemory(0, length), default))
                    return;
                await SendAsync(socket, ack, default);
            }
        }
        catch (SocketException)
        {
            // The client has gone: so does its connection.
        }
    }
}

/// <summary>A stream over bare TCP. One connection.</summary>
internal sealed class TcpStream(int port, byte[] framed, LoadTally tally) : PacedStream(tally)
{
    private readonly byte[] _ack = new byte[RawTcp.AckBytes];
    private Socket? _socket;

    public override async Task OpenAsync(CancellationToken cancellation) => _socket = await RawTcp.ConnectAsync(port, cancellation);

    public override ValueTask DisposeAsync()
    {
        _socket?.Dispose();
        return default;
    }

    protected override ValueTask SendAsync(CancellationToken cancellation) => RawTcp.SendAsync(_socket!, framed, cancellation);

    protected override async ValueTask ReceiveAsync(CancellationToken cancellation)
    {
        if (!await RawTcp.TryFillAsync(_socket!, _ack, cancellation))
            throw new IOException("the server closed the connection.");
    }
}
