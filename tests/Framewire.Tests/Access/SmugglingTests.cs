using System.Net;
using System.Net.Sockets;
using System.Text;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Access;

/// <summary>Requests that two servers in a row could read differently: the page's port refuses them all.</summary>
public sealed class SmugglingTests
{
    [Theory]
    [InlineData("Transfer-Encoding: chunked\r\n", "4;x\nxxxx\r\n0\r\n\r\n")] // CVE-2025-55315: a lone LF in a chunk's extension
    [InlineData("Transfer-Encoding: chunked\r\n", "4\nxxxx\r\n0\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("Transfer-Encoding: identity, chunked, identity\r\n", "0\r\n\r\n")]
    [InlineData("Content-Length: 4\r\nContent-Length: 5\r\n", "xxxxx")]
    public async Task A_body_whose_length_can_be_read_in_two_ways_is_refused(string headers, string body)
    {
        await using var host = await FramewireHost.StartAsync();
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, host.Web.Port);

        await socket.SendAsync(Encoding.ASCII.GetBytes($"POST /login HTTP/1.1\r\nHost: localhost:{host.Web.Port}\r\nContent-Type: application/json\r\nConnection: close\r\n{headers}\r\n{body}"));
        var answer = new StringBuilder();
        var buffer = new byte[4096];
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (await socket.ReceiveAsync(buffer, patience.Token) is var read && read > 0)
            answer.Append(Encoding.ASCII.GetString(buffer, 0, read));

        // One answer, and no second request was seen in the first one's body.
        Assert.Equal(2, answer.ToString().Split("HTTP/1.1 ").Length);
        Assert.Matches("^HTTP/1.1 4(00|11|15) ", answer.ToString());
    }
}
