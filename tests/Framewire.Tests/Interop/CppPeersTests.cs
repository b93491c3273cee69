using Framewire.Protocol.Wire;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Interop;

/// <summary>
/// gRPC's official interoperability programs in C++, both ways. They alone check fully which messages came compressed. Run by tests/interop/cpp.sh, which builds them first;
/// not part of an ordinary run.
/// </summary>
[Trait("Category", "InteropCpp")]
public sealed class CppPeersTests
{
    private const string Cases =
        TestClient.EveryServer + " " + TestClient.CompressingServer + " half_duplex";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    public static TheoryData<string> ClientCases => new($"{Cases} slow_consumer pick_first_unary long_lived_channel rpc_soak channel_soak".Split(' '));

    public static TheoryData<string> ServerCases => new(Cases.Split(' '));

    [Theory(Explicit = true, Timeout = 120_000)]
    [MemberData(nameof(ClientCases))]
    public async Task The_official_Cpp_client_passes_against_our_server(string testCase)
    {
        await using var host = await WireHost.StartAsync(TestService.Table());
        await ChildProcess.RunAsync(
            ForeignEnds.Cpp("interop_client"),
            [
                "--server_host=localhost", $"--server_port={host.Port}", $"--test_case={testCase}", $"--soak_iterations={(testCase == "long_lived_channel" ? 5 : 100)}",
                "--soak_per_iteration_max_acceptable_latency_ms=2000", "--soak_overall_timeout_seconds=60", "--iteration_interval=1",
            ],
            Limit);
    }

    [Theory(Explicit = true, Timeout = 120_000)]
    [MemberData(nameof(ServerCases))]
    public async Task Our_client_passes_against_the_official_Cpp_server(string testCase)
    {
        var port = ChildProcess.FreePort();
        await using var peer = ChildProcess.Start(ForeignEnds.Cpp("interop_server"), [$"--port={port}"]);
        await peer.ListensAsync(port, Limit);
        await using var connection = new ClientConnection(new Uri($"http://localhost:{port}"), Clients.Options);
        await new TestClient(connection).RunAsync(testCase).WaitAsync(Limit);
    }
}
