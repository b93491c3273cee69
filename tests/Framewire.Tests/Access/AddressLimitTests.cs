using System.Net;
using System.Net.Sockets;
using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using Framewire.Protocol.Wire;
using Framewire.Server;
using Framewire.Server.Access;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Access;

/// <summary>What one address may do, and that proxies are no address.</summary>
public sealed class AddressLimitTests
{
    private static Task<FramewireHost> StartAsync(AccessOptions access) => FramewireHost.StartAsync(new FramewireOptions { Access = access });

    private static async Task<bool> IsAnsweredAsync(RawConnection connection)
    {
        try
        {
            await connection.ReceiveAsync().WaitAsync(TimeSpan.FromSeconds(20));
            return true;
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            return false;
        }
    }

    private static async Task<RawConnection?> OpenAsync(int port)
    {
        try
        {
            return await RawConnection.OpenAsync(port);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            return null;
        }
    }

    [Fact]
    public async Task An_address_has_no_more_connections_than_it_may_and_gets_them_back()
    {
        await using var host = await StartAsync(new AccessOptions { TrustedProxies = "", MaxConnectionsPerAddress = 3 });
        var connections = new List<RawConnection>();
        for (var i = 0; i < 3; i++)
        {
            connections.Add(await RawConnection.OpenAsync(host.Address.Port));
            Assert.True(await IsAnsweredAsync(connections[^1]));
        }

        Assert.False(await OpenAsync(host.Address.Port) is { } one && await IsAnsweredAsync(one));
        await connections[0].DisposeAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!(await OpenAsync(host.Address.Port) is { } again && await IsAnsweredAsync(again)))
            patience.Token.ThrowIfCancellationRequested();
    }

    [Fact]
    public async Task An_address_begins_no_more_calls_than_it_may()
    {
        await using var host = await StartAsync(new AccessOptions { TrustedProxies = "", MaxCallsPerSecond = 1, CallBurst = 5 });
        await using var connection = host.Connect();
        using var http = new HttpClient();

        List<GrpcStatusCode> codes = [];
        for (var call = 0; call < 8; call++)
        {
            try
            {
                await connection.UnaryAsync(ViewingContract.ListStreams, new ListStreamsRequest(), new CallOptions { Timeout = TimeSpan.FromSeconds(20) });
                codes.Add(GrpcStatusCode.Ok);
            }
            catch (GrpcException e)
            {
                codes.Add(e.Status.Code);
            }
        }

        using var page = await http.GetAsync(new Uri(host.Web, "/streams"));

        Assert.All(codes.Take(5), code => Assert.Equal(GrpcStatusCode.Ok, code));
        Assert.Contains(GrpcStatusCode.ResourceExhausted, codes.Skip(5));
        Assert.Equal(HttpStatusCode.TooManyRequests, page.StatusCode);
    }

    [Fact]
    public void A_site_of_IPv6_is_one_address_and_a_proxy_none()
    {
        using var limits = new AddressLimits(new AccessOptions { MaxConnectionsPerAddress = 1, TrustedProxies = "10.0.0.1" });

        var first = limits.TryConnect(IPAddress.Parse("2001:db8:1:2::1"));

        Assert.NotNull(first);
        Assert.Null(limits.TryConnect(IPAddress.Parse("2001:db8:1:2:ffff::9")));
        Assert.NotNull(limits.TryConnect(IPAddress.Parse("2001:db8:1:3::1")));
        Assert.NotNull(limits.TryConnect(IPAddress.Parse("192.0.2.1")));
        Assert.Null(limits.TryConnect(IPAddress.Parse("::ffff:192.0.2.1")));
        Assert.All(Enumerable.Range(0, 5), _ => Assert.NotNull(limits.TryConnect(IPAddress.Parse("::ffff:10.0.0.1"))));
        first.Dispose();
        Assert.NotNull(limits.TryConnect(IPAddress.Parse("2001:db8:1:2::3")));
    }
}
