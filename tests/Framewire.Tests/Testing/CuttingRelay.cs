using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Framewire.Tests.Testing;

/// <summary>
/// Passes bytes between clients and a server, and resets the first connection at an exact byte of what the client says: some bytes into
/// an HTTP/2 DATA frame. Later connections pass unharmed. Owned by one test.
/// </summary>
/// <remarks>RFC 9113: a preface of 24 bytes, then frames: length (3 bytes), type (DATA is 0), flags, stream (4 bytes), payload.</remarks>
internal sealed class CuttingRelay : IAsyncDisposable
{
    private const int Preface = 24;
    private const int FrameHead = 9;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _over = new();
    private readonly int _server;
    private readonly int _dataFrame;
    private readonly Func<int, int> _cutAt;
    private readonly Task _accepting;

    /// <param name="server">The server's port.</param>
    /// <param name="dataFrame">Which of the client's DATA frames is cut, from 1.</param>
    /// <param name="cutAt">How many bytes of that frame's payload pass, given its length.</param>
    public CuttingRelay(int server, int dataFrame, Func<int, int> cutAt)
    {
        (_server, _dataFrame, _cutAt) = (server, dataFrame, cutAt);
        _listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _accepting = AcceptAsync();
    }

    public Uri Address { get; }

    /// <summary>Connections that were cut: 0 or 1.</summary>
    public int Cuts { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        _listener.Dispose();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _over.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
                connections.Add(RelayAsync(await _listener.AcceptTcpClientAsync(_over.Token), isFirst: connections.Count == 0));
        }
        finally
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task RelayAsync(TcpClient client, bool isFirst)
    {
        using var server = new TcpClient { NoDelay = true };
        using (client)
        {
            client.NoDelay = true;
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, _server, _over.Token);
                var down = server.GetStream().CopyToAsync(client.GetStream(), _over.Token);
                var up = isFirst ? CutAsync(client.GetStream(), server.GetStream()) : client.GetStream().CopyToAsync(server.GetStream(), _over.Token);
                await await Task.WhenAny(up, down);
                client.LingerState = server.LingerState = new LingerOption(enable: true, seconds: 0);
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // One of the two is gone, and so is the other.
            }
        }
    }

    private async Task CutAsync(NetworkStream client, NetworkStream server)
    {
        var seen = 0;
        var bytes = new byte[1 << 24];
        await PassAsync(Preface);
        while (true)
        {
            await client.ReadExactlyAsync(bytes.AsMemory(0, FrameHead), _over.Token);
            var length = (int)(BinaryPrimitives.ReadUInt32BigEndian(bytes) >> 8);
            var isData = bytes[3] == 0;
            await server.WriteAsync(bytes.AsMemory(0, FrameHead), _over.Token);
            if (isData && ++seen == _dataFrame)
            {
                await PassAsync(_cutAt(length));
                Cuts++;
                return;
            }

            await PassAsync(length);
        }

        async Task PassAsync(int count)
        {
            await client.ReadExactlyAsync(bytes.AsMemory(0, count), _over.Token);
            await server.WriteAsync(bytes.AsMemory(0, count), _over.Token);
        }
    }
}
