using Framewire.Protocol.Wire;
using Framewire.Tests.Interop;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Wire;

/// <summary>Our client against our server, on every case of gRPC's interoperability tests. The foreign ends follow in Interop.</summary>
public sealed class OwnEndsTests
{
    public static TheoryData<string> Cases => new($"{TestClient.EveryServer} {TestClient.CompressingServer} half_duplex".Split(' '));

    [Theory(Timeout = 20_000)]
    [MemberData(nameof(Cases))]
    public async Task Our_client_and_our_server_agree_on(string testCase)
    {
        await using var host = await WireHost.StartAsync(TestService.Table());
        await using var connection = new ClientConnection(host.Address, Clients.Options);
        await new TestClient(connection).RunAsync(testCase);
        await host.StopAsync();
        Assert.Equal(0, host.Dispatcher.RunningCalls);
    }
}
