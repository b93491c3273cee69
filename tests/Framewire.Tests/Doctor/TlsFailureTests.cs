using Framewire.Edge.Doctor;
using Framewire.Edge.Links;
using Framewire.Protocol.Contracts;
using Framewire.Protocol.Wire;
using Framewire.Server;
using Framewire.Server.Wire;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Doctor;

/// <summary>The doctor names what is wrong with TLS, and a publisher does in the same words.</summary>
public sealed class TlsFailureTests(TestCertificates certificates) : IClassFixture<TestCertificates>
{
    private ClientConnectionOptions Trusting => Clients.Options with { CertificateAuthorityFile = certificates.AuthorityFile };

    private static Task<FramewireHost> ServeAsync((string Certificate, string Key) own) =>
        FramewireHost.StartAsync(new FramewireOptions { Transport = new TransportOptions { CertificateFile = own.Certificate, CertificateKeyFile = own.Key } });

    private static async Task SaysTheSameAsync(ConnectFailure failure, Uri server, ClientConnectionOptions options)
    {
        await using var connection = new ClientConnection(server, options);
        var thrown = await Assert.ThrowsAsync<GrpcException>(() => connection.UnaryAsync(ViewingContract.ListStreams, new(), new CallOptions { Timeout = TimeSpan.FromSeconds(20) }));
        Assert.Equal(failure.Message, LinkFailure.Of(thrown, server, wasUp: false, "that").Message);
    }

    [Fact]
    public async Task TLS_to_a_port_without_it()
    {
        await using var host = await FramewireHost.StartAsync();

        await Examined.FailsAsync("tls", ConnectCause.NotTls, new Uri($"https://localhost:{host.Address.Port}"));
    }

    [Fact]
    public async Task No_TLS_to_a_port_for_it()
    {
        await using var host = await ServeAsync(certificates.Good);

        await Examined.FailsAsync("http/2", ConnectCause.TlsExpected, new Uri($"http://localhost:{host.Address.Port}"));
    }

    [Fact]
    public async Task A_certificate_by_itself_that_is_not_trusted()
    {
        await using var host = await ServeAsync(certificates.SelfSigned);

        var failure = await Examined.FailsAsync("tls", ConnectCause.CertificateUntrusted, host.Address);

        Assert.Contains("signed by itself", failure.What, StringComparison.Ordinal);
        Assert.Contains("--ca", failure.Remedy, StringComparison.Ordinal);
        await SaysTheSameAsync(failure, host.Address, Clients.Options);
    }

    [Fact]
    public async Task A_certificate_by_an_authority_that_is_not_trusted()
    {
        await using var host = await ServeAsync(certificates.Good);

        var failure = await Examined.FailsAsync("tls", ConnectCause.CertificateUntrusted, host.Address);

        Assert.Contains("'Test authority'", failure.What, StringComparison.Ordinal);
        await SaysTheSameAsync(failure, host.Address, Clients.Options);
    }

    [Fact]
    public async Task A_certificate_whose_time_is_over()
    {
        await using var host = await ServeAsync(certificates.Expired);

        var failure = await Examined.FailsAsync("tls", ConnectCause.CertificateExpired, host.Address, Trusting);

        await SaysTheSameAsync(failure, host.Address, Trusting);
    }

    [Fact]
    public async Task A_certificate_for_another_name()
    {
        await using var host = await ServeAsync(certificates.OtherHost);

        var failure = await Examined.FailsAsync("tls", ConnectCause.CertificateForAnotherName, host.Address, Trusting);

        Assert.Contains("camera.example", failure.What, StringComparison.Ordinal);
        await SaysTheSameAsync(failure, host.Address, Trusting);
    }

    [Theory]
    [InlineData(300)]
    [InlineData(-300)]
    public async Task A_clock_here_that_makes_a_good_certificate_look_bad(int days)
    {
        await using var host = await ServeAsync(certificates.Good);

        await Examined.FailsAsync("tls", ConnectCause.ClockWrong, host.Address, Trusting with { Time = new ShiftedClock(TimeSpan.FromDays(days)) });
    }

    [Fact]
    public async Task A_clock_here_that_is_a_little_wrong_is_told_and_the_rest_is_checked()
    {
        await using var host = await ServeAsync(certificates.Good);

        var findings = await Examined.RunAsync(host.Address, Trusting with { Time = new ShiftedClock(TimeSpan.FromMinutes(3)) });

        Assert.Equal(ConnectCause.ClockWrong, Assert.Single(findings, finding => finding.Verdict == Verdict.Failed).Failure!.Cause);
        Assert.Equal(Verdict.Ok, findings.Single(finding => finding.Check == "round trip").Verdict);
    }

    [Fact]
    public async Task A_server_that_asks_for_a_certificate_of_this_end()
    {
        await using var host = await FramewireHost.StartAsync(new FramewireOptions
        {
            Transport = new TransportOptions { CertificateFile = certificates.Good.Certificate, CertificateKeyFile = certificates.Good.Key, ClientAuthorityFile = certificates.AuthorityFile, RequireClientCertificate = true },
        });

        var findings = await Examined.RunAsync(host.Address, Trusting);

        Assert.Equal(ConnectCause.ClientCertificateMissing, findings.First(finding => finding.Verdict == Verdict.Failed).Failure!.Cause);
    }
}
