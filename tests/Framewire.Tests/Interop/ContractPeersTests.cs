using System.Security.Cryptography;
using System.Text.Json;
using Framewire.Edge;
using Framewire.Edge.Sources;
using Framewire.Server;
using Framewire.Server.Streams;
using Framewire.Tests.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using FrameEncoding = Framewire.Edge.Sources.Encoding;

namespace Framewire.Tests.Interop;

/// <summary>Both contracts, both directions, against Python grpcio and @grpc/grpc-js (tests/interop/contracts).</summary>
[Trait("Category", "Interop")]
public sealed class ContractPeersTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);
    private static readonly string Folder = Repository.PathTo("tests", "interop", "contracts");
    private static readonly StreamLimits Roomy = new() { HistoryBytes = 1L << 30, HistoryFrames = 10_000, ViewerLagFrames = 9_000, ViewerLagTime = TimeSpan.FromMinutes(2) };

    public static TheoryData<string> Peers => new("python", "node");

    private static (string Program, string[] Arguments) Peer(string language, params string[] role) => language == "python"
        ? ("/usr/bin/python3", [Path.Combine(Folder, "peer.py"), .. role])
        : ("node", [Path.Combine(Folder, "peer.mjs"), .. role]);

    private static async Task<JsonElement> RunAsync(string language, params string[] role)
    {
        var (program, arguments) = Peer(language, role);
        return LastObject(await ChildProcess.RunAsync(program, arguments, Limit));
    }

    private static JsonElement LastObject(string output) =>
        JsonDocument.Parse(output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Last(line => line.StartsWith('{'))).RootElement;

    /// <summary>Starts a foreign server and learns its port.</summary>
    private static async Task<(ChildProcess Server, int Port)> ServeAsync(string language, string role)
    {
        var (program, arguments) = Peer(language, role);
        var server = ChildProcess.Start(program, arguments, awaited: "\"port\"");
        await server.SaidAsync(Limit);
        return (server, LastObject(server.Output).GetProperty("port").GetInt32());
    }

    private static async Task<(PublisherSnapshot End, string Hash)> PublishAsync(int port, SourceOptions source, PublishContract contract)
    {
        var recording = new RecordingSource(FrameSource.Create(source, TimeProvider.System));
        var options = new PublisherOptions
        {
            Server = new Uri($"http://127.0.0.1:{port}"),
            Stream = "cam",
            Mode = PublishMode.Lossless,
            Contract = contract,
            Frames = 100,
        };
        await using var publisher = new Publisher(options, recording, Clients.Options, TimeProvider.System, NullLogger.Instance);
        await publisher.RunAsync(TestContext.Current.CancellationToken).WaitAsync(Limit);
        return (publisher.Snapshot(), HashOf(recording.Passed));
    }

    private static string HashOf(IEnumerable<Seen> frames) =>
        Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(string.Concat(frames.Select(frame => frame.Hash.ToLowerInvariant())))));

    [Theory]
    [MemberData(nameof(Peers))]
    public async Task A_seed_like_client_that_never_waits_gets_one_reply_a_frame(string language)
    {
        await using var host = await FramewireHost.StartAsync();

        var result = await RunAsync(language, "seed-client", $"{host.Address.Port}", "100");

        Assert.Equal(100, result.GetProperty("replies").GetInt32());
        var stream = Assert.Single(host.Streams.All).Status();
        Assert.Equal(("analyse", "gray 640x480", 100ul), (stream.Name, stream.Session!.Format.ToString(), stream.Session.Frames));
    }

    [Fact]
    public async Task A_python_publisher_learns_what_is_on_disk_and_reads_it_back_in_order()
    {
        using var folder = new Folder();
        await using var host = await FramewireHost.StartAsync(new FramewireOptions { Recording = new() { Streams = "*", Directory = folder.Path } });

        var result = await RunAsync("python", "record", $"{host.Address.Port}", "cam", "100");

        Assert.Equal((100, 100, 100), (result.GetProperty("persisted").GetInt32(), result.GetProperty("listed").GetInt32(), result.GetProperty("read").GetInt32()));
    }

    [Theory]
    [MemberData(nameof(Peers))]
    public async Task We_publish_to_a_seed_like_server(string language)
    {
        var (server, port) = await ServeAsync(language, "seed-server");
        await using var ended = server;

        var (end, hash) = await PublishAsync(
            port, new SourceOptions { Source = "test", Encode = FrameEncoding.Gray, Size = (640, 480), Fast = true }, PublishContract.Analyse);
        Assert.Equal(0, await server.ExitAsync(Limit));

        Assert.Equal((100L, 100L), (end.Captured, end.Acked));
        Assert.Equal((100, hash), (LastObject(server.Output).GetProperty("frames").GetInt32(), LastObject(server.Output).GetProperty("hash").GetString()));
    }

    [Theory]
    [MemberData(nameof(Peers))]
    public async Task A_foreign_publisher_speaks_our_contract_and_a_foreign_viewer_sees_its_frames(string language)
    {
        await using var host = await FramewireHost.StartAsync(new FramewireOptions { Streams = Roomy });
        var watching = RunAsync(language, "watch", $"{host.Address.Port}", "cam");
        await Eventually.TrueAsync(() => watching.IsCompleted || host.Streams.Find("cam")?.Status().Viewers == 1);

        var published = await RunAsync(language, "publish", $"{host.Address.Port}", "cam", "300");
        var watched = await watching;

        Assert.Equal((300, 1), (published.GetProperty("acked").GetInt32(), published.GetProperty("duplicates").GetInt32()));
        Assert.Equal((300, 1, 300), (watched.GetProperty("frames").GetInt32(), watched.GetProperty("first").GetInt32(), watched.GetProperty("last").GetInt32()));
        var stream = host.Streams.Find("cam")!.Status();
        Assert.Equal((300ul, 1ul, 0ul), (stream.Session!.Frames, stream.Session.Duplicates, stream.Session.Missing));
    }

    [Theory]
    [MemberData(nameof(Peers))]
    public async Task We_publish_to_a_foreign_server_in_our_contract(string language)
    {
        var (server, port) = await ServeAsync(language, "ingest-server");
        await using var ended = server;

        var (end, hash) = await PublishAsync(port, new SourceOptions { Source = "test", Size = (320, 240), Fast = true }, PublishContract.Framewire);
        Assert.Equal(0, await server.ExitAsync(Limit));

        Assert.Equal((100L, 100L), (end.Captured, end.Acked));
        var got = LastObject(server.Output);
        Assert.Equal((100, true, hash), (got.GetProperty("frames").GetInt32(), got.GetProperty("in_order").GetBoolean(), got.GetProperty("hash").GetString()));
    }
}
