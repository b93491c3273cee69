using System.Net;
using System.Net.Sockets;

namespace Framewire.Tests.Testing;

/// <summary>Ports for processes that cannot tell which one they got. Stateless.</summary>
internal static class FreePort
{
    /// <summary>A port that nobody listens on now.</summary>
    public static int Next()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
