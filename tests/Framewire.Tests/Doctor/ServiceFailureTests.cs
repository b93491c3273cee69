using Framewire.Edge.Doctor;
using Framewire.Edge.Links;
using Framewire.Protocol.Wire;
using Framewire.Server;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Doctor;

/// <summary>The doctor names what is wrong above HTTP/2: who answers, what it lets in, and what lies between.</summary>
public sealed class ServiceFailureTests
{
    private static readonly ExaminationOptions Whole = new() { Idle = TimeSpan.FromSeconds(2.5) };

    [Fact]
    public async Task A_server_that_is_well()
    {
        await using var host = await FramewireHost.StartAsync();
        await using var camera = FaultScene.Start(host, host.Address, FaultScene.SmallImages, options => options);
        await camera.UntilAsync(() => camera.Publisher.IsConnected);

        var findings = await Examined.RunAsync(host.Address, how: Whole);

        Assert.DoesNotContain(findings, finding => finding.Verdict == Verdict.Failed);
        Assert.Equal(["tls", "alpn"], findings.Where(finding => finding.Verdict == Verdict.NotChecked).Select(finding => finding.Check));
        Assert.Equal(["cam"], host.Streams.Published.Select(stream => stream.Name));
        await camera.Publisher.DisposeAsync();
    }

    [Fact]
    public async Task An_HTTP_2_server_with_web_pages()
    {
        await using var server = RawServer.Answering(stream => [RawServer.Headers(stream, end: true, (":status", "404"), ("content-type", "text/html"))]);

        await Examined.FailsAsync("grpc", ConnectCause.NotGrpc, server.Address);
    }

    [Fact]
    public async Task A_proxy_that_does_not_reach_its_server()
    {
        await using var server = RawServer.Answering(stream => [RawServer.Headers(stream, end: true, (":status", "502"), ("content-type", "text/html"))]);

        await Examined.FailsAsync("grpc", ConnectCause.ProxyWithoutServer, server.Address);
    }

    [Fact]
    public async Task A_gRPC_server_of_something_else()
    {
        await using var host = await WireHost.StartAsync(new ServiceTable());

        await Examined.FailsAsync("grpc", ConnectCause.NotFramewire, host.Address);
    }

    [Fact]
    public async Task A_token_that_is_missing_wrong_or_expired_or_has_no_right()
    {
        using var tokens = new Tokens();
        var expired = tokens.Add(grant => grant with { Publish = ["*"], Expires = DateTimeOffset.UtcNow.AddDays(-1) });
        var reader = tokens.Add(grant => grant with { Record = ["*"] });
        await using var host = await FramewireHost.StartAsync(new FramewireOptions { Access = tokens.Options });

        await Examined.FailsAsync("authorization", ConnectCause.TokenMissing, host.Address);
        await Examined.FailsAsync("authorization", ConnectCause.TokenRefused, host.Address, Clients.Options with { Token = "fw_nonsense" });
        var late = await Examined.FailsAsync("authorization", ConnectCause.TokenRefused, host.Address, Tokens.Client(expired));
        Assert.Contains("expired", late.What, StringComparison.Ordinal);
        await Examined.FailsAsync("authorization", ConnectCause.NoRight, host.Address, Tokens.Client(reader));
    }

    [Fact]
    public async Task A_camera_s_token_is_enough_for_most()
    {
        using var tokens = new Tokens();
        var camera = tokens.Add(grant => grant with { Publish = ["garden"] });
        await using var host = await FramewireHost.StartAsync(new FramewireOptions { Access = tokens.Options });

        var findings = await Examined.RunAsync(host.Address, Tokens.Client(camera), Whole);

        Assert.DoesNotContain(findings, finding => finding.Verdict == Verdict.Failed);
        Assert.Equal(["tls", "alpn", "clock", "throughput down"], findings.Where(finding => finding.Verdict == Verdict.NotChecked).Select(finding => finding.Check));
        Assert.Empty(host.Streams.Published);
    }

    [Fact]
    public async Task A_limit_of_messages_that_is_small()
    {
        await using var host = await FramewireHost.StartAsync(new FramewireOptions { Wire = new WireOptions { MaxMessageBytes = 1024 * 1024 } });

        var failure = await Examined.FailsAsync("message limit", ConnectCause.MessageLimit, host.Address, how: Whole);

        Assert.Contains("one of 1 MiB does", failure.What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_proxy_that_cuts_what_is_quiet_even_between_heartbeats()
    {
        await using var host = await FramewireHost.StartAsync();
        await using var proxy = new IdleCutter(host.Address.Port, TimeSpan.FromMilliseconds(600));

        await Examined.FailsAsync("idle", ConnectCause.IdleCut, proxy.Address, how: Whole);
    }

    [Fact]
    public async Task A_proxy_that_cuts_a_connection_without_a_word()
    {
        await using var host = await FramewireHost.StartAsync();
        await using var proxy = new IdleCutter(host.Address.Port, TimeSpan.FromMilliseconds(1600));

        var failure = await Examined.FailsAsync("idle", ConnectCause.IdleCut, proxy.Address, how: Whole);

        Assert.Contains("without a word", failure.What, StringComparison.Ordinal);
    }
}
