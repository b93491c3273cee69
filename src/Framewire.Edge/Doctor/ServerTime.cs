using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace Framewire.Edge.Doctor;

/// <summary>What the time is at a server that this machine cannot trust yet: its word is good enough to name a suspicion. Stateless.</summary>
internal static class ServerTime
{
    /// <summary>The header <c>Date</c> of any answer (RFC 9110 section 6.6.1); null if there is none. Sends no token.</summary>
    public static async Task<DateTimeOffset?> AskAsync(IPEndPoint place, SslClientAuthenticationOptions tls, CancellationToken cancellation)
    {
        using var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectCallback = async (_, token) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(place, token).ConfigureAwait(false);
                return new NetworkStream(socket, ownsSocket: true);
            },
            SslOptions = tls,
        };
        using var client = new HttpMessageInvoker(handler);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"https://{place}/")) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        try
        {
            using var answer = await client.SendAsync(request, cancellation).ConfigureAwait(false);
            return answer.Headers.Date;
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return null;
        }
    }
}
