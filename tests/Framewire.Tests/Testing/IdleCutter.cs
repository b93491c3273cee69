using System.Net;
using System.Net.Sockets;

namespace Framewire.Tests.Testing;

/// <summary>Passes bytes between clients and a server, and cuts each connection on which nothing has moved for a while, as proxies do. Owned by one test.</summary>
internal sealed class IdleCutter : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _over = new();
    private readonly int _server;
    private readonly TimeSpan _limit;
    private readonly Task _accepting;

    public IdleCutter(int server, TimeSpan limit)
    {
        (_server, _limit) = (server, limit);
        _listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _accepting = AcceptAsync();
    }

    public Uri Address { get; }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        _listener.Dispose();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _over.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> connections = [];
        try
        {
            while (true)
                connections.Add(RelayAsync(await _listener.AcceptTcpClientAsync(_over.Token)));
        }
        finally
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task RelayAsync(TcpClient client)
    {
        using var server = new TcpClient { NoDelay = true };
        using var idle = CancellationTokenSource.CreateLinkedTokenSource(_over.Token);
        using (client)
        {
            client.NoDelay = true;
            await server.ConnectAsync(IPAddress.Loopback, _server, _over.Token);
            idle.CancelAfter(_limit);
            await Task.WhenAny(PassAsync(client.GetStream(), server.GetStream(), idle), PassAsync(server.GetStream(), client.GetStream(), idle));
        }
    }

    private async Task PassAsync(NetworkStream from, NetworkStream to, CancellationTokenSource idle)
    {
        var bytes = new byte[64 * 1024];
        try
        {
            while (await from.ReadAsync(bytes, idle.Token) is > 0 and var count)
            {
                await to.WriteAsync(bytes.AsMemory(0, count), idle.Token);
                idle.CancelAfter(_limit);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // Cut, by one of the three.
        }
    }
}
