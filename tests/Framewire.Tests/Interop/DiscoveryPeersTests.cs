using System.Text.Json;
using Framewire.Edge.Sources;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Interop;

/// <summary>Health and reflection, asked by Python grpcio, @grpc/grpc-js and <c>buf curl</c> (tests/interop/contracts).</summary>
[Trait("Category", "Interop")]
public sealed class DiscoveryPeersTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);
    private static readonly string Folder = Repository.PathTo("tests", "interop", "contracts");
    private static readonly string[] Alike = ["SERVING", "SERVING"];

    public static TheoryData<string> Peers => new("python", "node");

    private static (string Program, string[] Arguments) Peer(string language, params string[] role) => language == "python"
        ? ("/usr/bin/python3", [Path.Combine(Folder, "discovery.py"), .. role])
        : ("node", [Path.Combine(Folder, "discovery.mjs"), .. role]);

    private static IEnumerable<JsonElement> Objects(string output) =>
        output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line.StartsWith('{')).Select(line => JsonDocument.Parse(line).RootElement);

    private static string[] Texts(JsonElement array) => [.. array.EnumerateArray().Select(each => each.GetString()!)];

    private static Task<string> BufAsync(params string[] arguments) =>
        ChildProcess.RunAsync(Path.Combine(Folder, "node_modules", ".bin", "buf"), ["curl", "--http2-prior-knowledge", "--protocol", "grpc", .. arguments], Limit);

    [Theory]
    [MemberData(nameof(Peers))]
    public async Task A_stranger_is_told_how_the_server_is(string language)
    {
        await using var host = await FramewireHost.StartAsync();

        var (program, arguments) = Peer(language, "health", $"{host.Address.Port}");
        var said = Objects(await ChildProcess.RunAsync(program, arguments, Limit)).Last();

        Assert.Equal(Alike, Texts(said.GetProperty("")));
        Assert.Equal(Alike, Texts(said.GetProperty("framewire.v1.Ingest")));
        Assert.Equal(["NOT_FOUND", "SERVICE_UNKNOWN"], Texts(said.GetProperty("no.Such")));
    }

    [Theory]
    [MemberData(nameof(Peers))]
    public async Task A_stranger_who_watches_is_told_before_the_server_stops(string language)
    {
        await using var host = await FramewireHost.StartAsync();
        var (program, arguments) = Peer(language, "watch", $"{host.Address.Port}");
        await using var watching = ChildProcess.Start(program, arguments, awaited: "SERVING");
        await watching.SaidAsync(Limit);

        await host.StopAsync();

        Assert.Equal(0, await watching.ExitAsync(Limit));
        var said = Objects(watching.Output).Select(each => each.EnumerateObject().Single()).Select(each => $"{each.Name} {each.Value}");
        Assert.Equal(["status SERVING", "status NOT_SERVING", "end UNAVAILABLE"], said);
    }

    [Theory]
    [InlineData("v1")]
    [InlineData("v1alpha")]
    public async Task A_python_stranger_learns_every_service_and_calls_one(string version)
    {
        await using var host = await FramewireHost.StartAsync();
        await host.PublishAsync(new SourceOptions { Source = "test", Size = (64, 48), Fast = true }, options => options with { Frames = 3 });

        var (program, arguments) = Peer("python", "reflect", $"{host.Address.Port}", version);
        var said = Objects(await ChildProcess.RunAsync(program, arguments, Limit)).Last();

        Assert.Equal(["cam"], Texts(said.GetProperty("streams")));
        Assert.Equal(["Watch", "ListStreams"], Texts(said.GetProperty("services").GetProperty("framewire.v1.Viewing")));
        Assert.Equal(["Analyse"], Texts(said.GetProperty("services").GetProperty("video")));
    }

    [Fact]
    public async Task Buf_lists_the_methods_and_calls_them_knowing_nothing()
    {
        await using var host = await FramewireHost.StartAsync();
        await host.PublishAsync(new SourceOptions { Source = "test", Size = (64, 48), Fast = true }, options => options with { Frames = 3 });
        var server = $"http://127.0.0.1:{host.Address.Port}";

        var methods = (await BufAsync("--list-methods", server)).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var streams = JsonDocument.Parse(await BufAsync($"{server}/framewire.v1.Viewing/ListStreams")).RootElement;
        var health = JsonDocument.Parse(await BufAsync("--data", """{"service": "framewire.v1.Ingest"}""", $"{server}/grpc.health.v1.Health/Check")).RootElement;

        Assert.Superset(new HashSet<string> { "framewire.v1.Ingest/Publish", "framewire.v1.Viewing/ListStreams", "video/Analyse" }, methods.ToHashSet());
        Assert.Equal("cam", Assert.Single(streams.GetProperty("streams").EnumerateArray()).GetProperty("name").GetString());
        Assert.Equal("SERVING", health.GetProperty("status").GetString());
    }
}
