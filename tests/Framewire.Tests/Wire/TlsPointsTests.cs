using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Framewire.Protocol.Wire;
using Framewire.Server.Wire;
using Framewire.Tests.Testing;
using static Framewire.Tests.Wire.PointsService;

namespace Framewire.Tests.Wire;

/// <summary>Point 37 of the checklist made of PROTOCOL-HTTP2.md: TLS 1.2 or newer, ALPN h2, the certificate and its host name checked.</summary>
public sealed class TlsPointsTests(TestCertificates certificates) : IClassFixture<TestCertificates>
{
    private const int Seconds = 20_000;

    [Fact(Timeout = Seconds)]
    public async Task Point_37_a_call_over_TLS_passes_with_an_authority_of_ones_own()
    {
        await using var host = await StartAsync(certificates.Good);
        Assert.Null(await CallAsync(host, Clients.Options with { CertificateAuthorityFile = certificates.AuthorityFile }));
    }

    [Fact(Timeout = Seconds)]
    public async Task Point_37_the_certificate_must_come_from_a_known_authority()
    {
        await using var host = await StartAsync(certificates.Good);
        var failure = await CallAsync(host, Clients.Options);
        Assert.Equal(GrpcStatusCode.Unavailable, failure!.Code);
        Assert.Contains("certificate", failure.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact(Timeout = Seconds)]
    public async Task Point_37_the_certificate_must_be_for_the_host()
    {
        await using var host = await StartAsync(certificates.OtherHost);
        var failure = await CallAsync(host, Clients.Options with { CertificateAuthorityFile = certificates.AuthorityFile });
        Assert.Equal(GrpcStatusCode.Unavailable, failure!.Code);
        Assert.Contains("NameMismatch", failure.Message, StringComparison.Ordinal);
    }

    [Fact(Timeout = Seconds)]
    public async Task Point_37_the_host_can_be_named_apart_from_the_address()
    {
        await using var host = await StartAsync(certificates.OtherHost);
        Assert.Null(await CallAsync(host, Clients.Options with { CertificateAuthorityFile = certificates.AuthorityFile, CertificateHostName = "camera.example" }));
    }

    [Fact(Timeout = Seconds)]
    public async Task Point_37_the_certificate_must_be_valid_today()
    {
        await using var host = await StartAsync(certificates.Expired);
        var failure = await CallAsync(host, Clients.Options with { CertificateAuthorityFile = certificates.AuthorityFile });
        Assert.Equal(GrpcStatusCode.Unavailable, failure!.Code);
    }

    [Fact(Timeout = Seconds)]
    public async Task Point_37_the_check_can_be_skipped_by_name()
    {
        await using var host = await StartAsync(certificates.Expired);
        Assert.Null(await CallAsync(host, Clients.Options with { SkipCertificateCheck = true }));
    }

    [Theory(Timeout = Seconds)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Point_37_TLS_and_cleartext_do_not_mix(bool serverHasTls)
    {
        await using var host = serverHasTls ? await StartAsync(certificates.Good) : await WireHost.StartAsync(new PointsService().Table());
        var address = new UriBuilder(host.Address) { Scheme = serverHasTls ? "http" : "https" }.Uri;
        await using var connection = new ClientConnection(address, Clients.Options with { SkipCertificateCheck = true });
        var failure = await Assert.ThrowsAsync<GrpcException>(() => connection.UnaryAsync(Echo, [1]));
        Assert.True(failure.Status.Code == GrpcStatusCode.Unavailable, $"{failure}");
    }

    [Theory(Timeout = Seconds)]
#pragma warning disable SYSLIB0039, CA5397 // Old versions are what the server must refuse.
    [InlineData(SslProtocols.Tls11, "h2", false)]
#pragma warning restore SYSLIB0039, CA5397
    [InlineData(SslProtocols.Tls12, "h2", true)]
    [InlineData(SslProtocols.Tls13, "h2", true)]
    [InlineData(SslProtocols.Tls13, "http/1.1", false)]
    public async Task Point_37_the_server_speaks_TLS_1_2_or_newer_and_h2_only(SslProtocols version, string application, bool taken)
    {
        await using var host = await StartAsync(certificates.Good);
        using var socket = new TcpClient("localhost", host.Port);
        await using var tls = new SslStream(socket.GetStream());
        var failure = await Record.ExceptionAsync(() => tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            EnabledSslProtocols = version,
            ApplicationProtocols = [new SslApplicationProtocol(application)],
#pragma warning disable CA5359 // What is asked here is the version, not the certificate.
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
#pragma warning restore CA5359
        }));
        Assert.Equal(taken, failure is null && tls.NegotiatedApplicationProtocol == SslApplicationProtocol.Http2);
    }

    [Fact(Timeout = 60_000)]
    [Trait("Category", "Interop")]
    public async Task Point_37_OpenSSL_finds_the_certificate_good_and_h2_agreed()
    {
        await using var host = await StartAsync(certificates.Good);
        var seen = await ChildProcess.RunAsync("/bin/sh",
            ["-c", $"openssl s_client -connect localhost:{host.Port} -alpn h2 -verify_hostname localhost -verify_return_error -CAfile '{certificates.AuthorityFile}' </dev/null"],
            TimeSpan.FromSeconds(30));
        Assert.Contains("ALPN protocol: h2", seen, StringComparison.Ordinal);
        Assert.Contains("Verify return code: 0 (ok)", seen, StringComparison.Ordinal);
    }

    private static Task<WireHost> StartAsync((string Certificate, string Key) files) =>
        WireHost.StartAsync(new PointsService().Table(), new TransportOptions { CertificateFile = files.Certificate, CertificateKeyFile = files.Key, DrainTimeout = TimeSpan.Zero });

    /// <summary>The status of a call, or null if it was good.</summary>
    private static async Task<GrpcStatus?> CallAsync(WireHost host, ClientConnectionOptions options)
    {
        await using var connection = new ClientConnection(host.Address, options);
        try
        {
            Assert.Equal([1, 2], await connection.UnaryAsync(Echo, [1, 2]));
            return null;
        }
        catch (GrpcException e)
        {
            return e.Status;
        }
    }
}
