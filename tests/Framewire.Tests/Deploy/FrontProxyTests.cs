using System.Net;
using System.Net.Sockets;
using Framewire.Edge.Sources;
using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using Framewire.Protocol.Wire;
using Framewire.Server;
using Framewire.Server.Access;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Deploy;

/// <summary>Real nginx and HAProxy in front, by the files that are shipped: calls last, nothing is lost over a restart behind them, large frames pass.</summary>
public sealed class FrontProxyTests(TestCertificates certificates) : IClassFixture<TestCertificates>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(50);

    private ClientConnectionOptions Trusting => Clients.Options with { CertificateAuthorityFile = certificates.AuthorityFile };

    [Theory]
    [InlineData("nginx", false)]
    [InlineData("nginx", true)]
    [InlineData("haproxy", false)]
    [InlineData("haproxy", true)]
    public async Task The_doctor_finds_nothing_wrong_and_a_message_of_16_MiB_passes(string program, bool tls)
    {
        await using var host = await FramewireHost.StartAsync();
        await using var proxy = await FrontProxy.StartAsync(program, host, certificates.Good);

        var findings = await Examined.RunAsync(tls ? proxy.Tls : proxy.Clear, Trusting, new Framewire.Edge.Doctor.ExaminationOptions { Idle = TimeSpan.FromSeconds(1.5) });

        Assert.DoesNotContain(findings, finding => finding.Verdict == Framewire.Edge.Doctor.Verdict.Failed);
        Assert.Equal("16 MiB pass", findings.Single(finding => finding.Check == "message limit").Found);
    }

    [Theory]
    [InlineData("nginx")]
    [InlineData("haproxy")]
    public async Task Health_is_answered_through_the_proxy(string program)
    {
        await using var host = await FramewireHost.StartAsync();
        await using var proxy = await FrontProxy.StartAsync(program, host, certificates.Good);
        await using var connection = new ClientConnection(proxy.Tls, Trusting);

        var health = await connection.UnaryAsync(HealthContract.Check, new() { Service = "framewire.v1.Ingest" }, new CallOptions { Timeout = Patience });

        Assert.Equal(Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus.Serving, health.Status);
    }

    [Theory]
    [InlineData("nginx")]
    [InlineData("haproxy")]
    public async Task Frames_of_nearly_16_MiB_pass(string program)
    {
        await using var host = await FramewireHost.StartAsync();
        await using var proxy = await FrontProxy.StartAsync(program, host, certificates.Good);
        var large = new SourceOptions { Source = "test", Encode = Encoding.Bgr, Size = (2304, 2304), Fast = true };

        var end = await host.PublishAsync(large, options => options with { Server = proxy.Clear, Frames = 5 });

        Assert.Equal((5, 5, 0), (end.Captured, end.Acked, end.Reconnects));
        Assert.Equal(5ul * 2304 * 2304 * 3, host.Streams.Find("cam")!.Status().Session!.Bytes);
    }

    [Theory]
    [InlineData("nginx")]
    [InlineData("haproxy")]
    public async Task Calls_that_have_nothing_to_say_outlive_the_idle_time_outs(string program)
    {
        await using var host = await FramewireHost.StartAsync();
        await using var proxy = await FrontProxy.StartAsync(program, host, certificates.Good, idle: "2s");
        await using var publisher = new Framewire.Edge.Publisher(
            new() { Server = proxy.Clear, Stream = "cam" }, new QuietSource(), Clients.Options, TimeProvider.System, new LogLines());
        using var over = new CancellationTokenSource(Patience);
        var publishing = publisher.RunAsync(over.Token);
        await Eventually.TrueAsync(() => publisher.IsConnected);
        await using var connection = new ClientConnection(proxy.Tls, Trusting);

        // One a second: three times what the proxy would wait for a byte.
        var heartbeats = 0;
        await foreach (var message in connection.ServerStreamingAsync(ViewingContract.Watch, new WatchRequest { Stream = "cam" }, cancellation: over.Token))
        {
            if (message.Other?.Heartbeat is not null && ++heartbeats == 6)
                break;
        }

        Assert.Equal(6, heartbeats);
        Assert.True(publisher.IsConnected);
        Assert.Equal(0, publisher.Snapshot().Reconnects);
        await over.CancelAsync();
        await publishing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    [Theory]
    [InlineData("nginx")]
    [InlineData("haproxy")]
    public async Task A_server_that_drains_and_starts_again_behind_the_proxy_loses_nothing(string program)
    {
        var first = await FramewireHost.StartAsync(FaultScene.QuickServer);
        var port = first.Address.Port;
        await using var proxy = await FrontProxy.StartAsync(program, first, certificates.Good);
        await using var scene = FaultScene.Start(first, proxy.Clear, FaultScene.SmallImages, options => options with { Frames = 400 });
        await scene.UntilAsync(() => scene.Publisher.Snapshot().Acked > 100);

        await first.StopAsync();
        await Eventually.TrueAsync(() => scene.Reader.Count >= scene.Publisher.Snapshot().Acked);
        var before = scene.Reader.Frames;
        await first.DisposeAsync();
        await using var second = await FramewireHost.StartAsync(FaultScene.QuickServer, port);
        await using var reader = LosslessReader.Of(second, "cam");
        await reader.WhenComplete.WaitAsync(Patience);
        await scene.UntilAsync(() => scene.Publisher.Snapshot() is { Captured: 400, InFlight: 0, Queued: 0 });

        var end = scene.Publisher.Snapshot();
        Assert.Equal((400, 400, 0), (end.Captured, end.Acked, end.DroppedTotal));
        Assert.Equal(scene.Source.Passed, before.Concat(reader.Frames));
        Assert.True(end.Reconnects >= 1);
    }

    [Fact]
    public async Task Limits_by_address_are_of_the_client_behind_a_proxy_and_not_of_who_says_so_himself()
    {
        await using var host = await FramewireHost.StartAsync(new FramewireOptions { Access = new AccessOptions { MaxCallsPerSecond = 1, CallBurst = 5 } });
        await using var proxy = await FrontProxy.StartAsync("nginx", host, certificates.Good);
        var page = new Uri(proxy.Clear, "/streams");

        var far = await AskAsync("127.0.0.2", page, HttpVersion.Version20);
        var near = await AskAsync("127.0.0.3", page, HttpVersion.Version20);
        var liar = await AskAsync("127.0.0.4", new Uri($"http://127.0.0.1:{host.Web.Port}/streams"), HttpVersion.Version11);

        foreach (var codes in new[] { far, near, liar })
        {
            Assert.All(codes.Take(5), code => Assert.Equal(HttpStatusCode.OK, code));
            Assert.Contains(HttpStatusCode.TooManyRequests, codes.Skip(5));
        }
    }

    /// <summary>Ten requests from an address of this machine, each of which says that it is for somebody else.</summary>
    private static async Task<List<HttpStatusCode>> AskAsync(string from, Uri page, Version version)
    {
        using var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (context, cancellation) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
                await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, context.DnsEndPoint.Port), cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using var client = new HttpClient(handler);
        List<HttpStatusCode> codes = [];
        for (var i = 0; i < 10; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, page) { Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            request.Headers.Add("X-Forwarded-For", $"192.0.2.{i}");
            using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
            codes.Add(answer.StatusCode);
        }

        return codes;
    }
}
