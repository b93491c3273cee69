using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Framewire.Bench.Load;

/// <summary>
/// The ceiling: frames over bare TCP, as little as can be done to have every frame acknowledged.
/// <code>
/// to the server:  length 32 | number 32 | that many bytes      for each frame, numbered from 0; numbers are little-endian
/// back:           number 32                                    when it has read all of one
/// </code>
/// The server in bench/peers, in C, speaks the same. Frames are no larger than a megabyte here.
/// </summary>
internal static class RawTcp
{
    public const int PrefixBytes = 8;
    public const int AckBytes = 4;

    public static async Task<Socket> ConnectAsync(int port, CancellationToken cancellation)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port, cancellation);
        return socket;
    }

    /// <summary>Sends a frame; <paramref name="prefix"/> is the sender's own.</summary>
    public static async ValueTask SendAsync(Socket socket, byte[] prefix, uint number, byte[] payload)
    {
        BinaryPrimitives.WriteInt32LittleEndian(prefix, payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(prefix.AsSpan(4), number);
        if (await socket.SendAsync([prefix, payload], SocketFlags.None) != PrefixBytes + payload.Length)
            throw new IOException("raw TCP took a part of a frame.");
    }

    public static async ValueTask SendAsync(Socket socket, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        while (bytes.Length > 0)
            bytes = bytes[await socket.SendAsync(bytes, cancellation)..];
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
        byte[] prefix = new byte[PrefixBytes], frame = [];
        try
        {
            while (await TryFillAsync(socket, prefix, default))
            {
                var length = BinaryPrimitives.ReadInt32LittleEndian(prefix);
                if (frame.Length < length)
                    frame = new byte[length];
                if (!await TryFillAsync(socket, frame.AsMemory(0, length), default))
                    return;
                await SendAsync(socket, prefix.AsMemory(4, AckBytes), default);
            }
        }
        catch (SocketException)
        {
            // The client has gone: so does its connection.
        }
    }
}

/// <summary>A stream over bare TCP. One connection.</summary>
internal sealed class TcpStream(int port, byte[] payload, LoadTally tally) : PacedStream(tally)
{
    private readonly byte[] _prefix = new byte[RawTcp.PrefixBytes];
    private readonly byte[] _ack = new byte[RawTcp.AckBytes];
    private Socket? _socket;
    private uint _number;

    public override async Task OpenAsync(CancellationToken cancellation) => _socket = await RawTcp.ConnectAsync(port, cancellation);

    public override ValueTask DisposeAsync()
    {
        _socket?.Dispose();
        return default;
    }

    protected override ValueTask SendAsync(CancellationToken cancellation) => RawTcp.SendAsync(_socket!, _prefix, _number++, payload);

    protected override async ValueTask ReceiveAsync(CancellationToken cancellation)
    {
        if (!await RawTcp.TryFillAsync(_socket!, _ack, cancellation))
            throw new IOException("the server closed the connection.");
    }
}
