using Framewire.Protocol.Wire;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Interop;

/// <summary>gRPC's official interoperability programs in Ruby and Python, each as a client of our server and as a server to our client.</summary>
[Trait("Category", "Interop")]
public sealed class OfficialPeersTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public static TheoryData<string> RubyClientCases => new(
        ("empty_unary large_unary client_compressed_unary client_streaming client_compressed_streaming server_streaming ping_pong timeout_on_sleeping_server empty_stream "
            + "cancel_after_begin cancel_after_first_response unimplemented_method unimplemented_service status_code_and_message custom_metadata").Split(' '));

    public static TheoryData<string> PythonClientCases => new(
        ("empty_unary large_unary server_streaming client_streaming ping_pong cancel_after_begin cancel_after_first_response empty_stream status_code_and_message "
            + "unimplemented_method unimplemented_service custom_metadata special_status_message timeout_on_sleeping_server").Split(' '));

    [Theory(Timeout = 120_000)]
    [MemberData(nameof(RubyClientCases))]
    public async Task The_official_Ruby_client_passes_against_our_server(string testCase)
    {
        var said = await ClientPassesAsync(port => ForeignEnds.Ruby("client.rb", "--server_host", "localhost", "--server_port", $"{port}", "--test_case", testCase));
        Assert.Contains($"OK: {testCase}", said, StringComparison.Ordinal);
    }

    [Theory(Timeout = 120_000)]
    [MemberData(nameof(PythonClientCases))]
    public Task The_official_Python_client_passes_against_our_server(string testCase) =>
        ClientPassesAsync(port => ForeignEnds.Python("client", "--server_host=localhost", $"--server_port={port}", $"--test_case={testCase}"));

    [Fact(Timeout = 120_000)]
    public Task Our_client_passes_against_the_official_Ruby_server() =>
        OurClientPassesAsync(port => ForeignEnds.Ruby("server.rb", "--port", $"{port}", "--use_tls", "false"), TestClient.EveryServer);

    [Fact(Timeout = 120_000)]
    public Task Our_client_passes_against_the_official_Python_server() =>
        OurClientPassesAsync(port => ForeignEnds.Python("server", $"--port={port}", "--use_tls=false"), TestClient.EveryServer);

    private static async Task<string> ClientPassesAsync(Func<int, (string Program, string[] Arguments, string? Folder)> client)
    {
        await ForeignEnds.InstallAsync();
        await using var host = await WireHost.StartAsync(TestService.Table());
        var (program, arguments, folder) = client(host.Port);
        return await ChildProcess.RunAsync(program, arguments, Limit, folder);
    }

    private static async Task OurClientPassesAsync(Func<int, (string Program, string[] Arguments, string? Folder)> server, string cases)
    {
        await ForeignEnds.InstallAsync();
        var port = ChildProcess.FreePort();
        var (program, arguments, folder) = server(port);
        await using var peer = ChildProcess.Start(program, arguments, folder);
        await peer.ListensAsync(port, Limit);
        foreach (var testCase in cases.Split(' '))
        {
            await using var connection = new ClientConnection(new Uri($"http://localhost:{port}"), Clients.Options);
            var failure = await Record.ExceptionAsync(() => new TestClient(connection).RunAsync(testCase).WaitAsync(Limit));
            Assert.True(failure is null, $"{testCase}: {failure}\n{peer.Output}");
        }
    }
}
