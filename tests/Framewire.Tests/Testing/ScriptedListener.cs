using System.Net;
using System.Net.Sockets;

namespace Framewire.Tests.Testing;

/// <summary>A listener that does the same with each connection, and then closes it. Owned by one test.</summary>
internal sealed class ScriptedListener : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _over = new();
    private readonly Task _accepting;
    private int _connections;

    public ScriptedListener(Func<NetworkStream, CancellationToken, Task> script)
    {
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync(script);
    }

    public int Port { get; }

    /// <summary>How many connections there were.</summary>
    public int Connections => Volatile.Read(ref _connections);

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        _listener.Dispose();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _over.Dispose();
    }

    private async Task AcceptAsync(Func<NetworkStream, CancellationToken, Task> script)
    {
        List<Task> connections = [];
        try
        {
            while (true)
                connections.Add(RunAsync(await _listener.AcceptTcpClientAsync(_over.Token), script));
        }
        finally
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task RunAsync(TcpClient client, Func<NetworkStream, CancellationToken, Task> script)
    {
        Interlocked.Increment(ref _connections);
        using (client)
        {
            try
            {
                await script(client.GetStream(), _over.Token);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or System.Security.Authentication.AuthenticationException)
            {
                // The client has gone, or does not want to.
            }
        }
    }
}
