using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using Framewire.Protocol.Wire;
using Framewire.Server;
using Framewire.Server.Access;
using Framewire.Server.Wire;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Access;

/// <summary>Certificates: the server's, which may change under it, and its clients'.</summary>
public sealed class TlsTests(TestCertificates certificates) : IClassFixture<TestCertificates>
{
    private ClientConnectionOptions Trusting => Clients.Options with { CertificateAuthorityFile = certificates.AuthorityFile };

    private static async Task<GrpcStatusCode> ListAsync(FramewireHost host, ClientConnectionOptions options)
    {
        await using var connection = host.Connect(options);
        try
        {
            await connection.UnaryAsync(ViewingContract.ListStreams, new ListStreamsRequest(), new CallOptions { Timeout = TimeSpan.FromSeconds(20) });
            return GrpcStatusCode.Ok;
        }
        catch (GrpcException e)
        {
            return e.Status.Code;
        }
    }

    private static async Task<string> SubjectAsync(FramewireHost host, SslProtocols protocols = SslProtocols.None)
    {
        using var socket = new TcpClient("127.0.0.1", host.Address.Port);
#pragma warning disable CA5359 // What is asked here is which certificate it is, not whether it is trusted.
        await using var tls = new SslStream(socket.GetStream(), false, (_, _, _, _) => true);
#pragma warning restore CA5359
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", EnabledSslProtocols = protocols, ApplicationProtocols = [SslApplicationProtocol.Http2] });
        return tls.RemoteCertificate!.Subject;
    }

    [Fact]
    public async Task A_certificate_that_changes_is_taken_at_once_and_a_broken_one_is_not()
    {
        using var folder = new Folder();
        File.Copy(certificates.Good.Certificate, folder["cert.pem"]);
        File.Copy(certificates.Good.Key, folder["cert.key"]);
        var clock = new SteppedClock();
        await using var host = await FramewireHost.StartAsync(
            new FramewireOptions { Transport = new TransportOptions { CertificateFile = folder["cert.pem"], CertificateKeyFile = folder["cert.key"] } }, time: clock);
        var first = await SubjectAsync(host);

        File.Copy(certificates.OtherHost.Certificate, folder["cert.pem"], overwrite: true);
        File.SetLastWriteTimeUtc(folder["cert.pem"], DateTime.UtcNow.AddSeconds(5));
        clock.Step(TimeSpan.FromSeconds(2));
        var half = await SubjectAsync(host);
        File.Copy(certificates.OtherHost.Key, folder["cert.key"], overwrite: true);
        File.SetLastWriteTimeUtc(folder["cert.key"], DateTime.UtcNow.AddSeconds(5));
        clock.Step(TimeSpan.FromSeconds(2));
        var second = await SubjectAsync(host);

        Assert.Equal(("CN=localhost", "CN=localhost", "CN=camera.example"), (first, half, second));
    }

    [Theory]
#pragma warning disable SYSLIB0039, CA5397, CA5398 // That these are refused is the point.
    [InlineData(SslProtocols.Tls)]
    [InlineData(SslProtocols.Tls11)]
#pragma warning restore SYSLIB0039, CA5397, CA5398
    public async Task Old_TLS_is_refused(SslProtocols protocols)
    {
        await using var host = await FramewireHost.StartAsync(
            new FramewireOptions { Transport = new TransportOptions { CertificateFile = certificates.Good.Certificate, CertificateKeyFile = certificates.Good.Key } });

        var failure = await Record.ExceptionAsync(() => SubjectAsync(host, protocols));

        Assert.True(failure is AuthenticationException or IOException, $"{failure}");
    }

    [Fact]
    public async Task A_client_is_known_by_its_certificate_and_has_the_rights_of_its_entry()
    {
        using var tokens = new Tokens();
        var (known, stranger) = (certificates.IssueClient("camera-1"), certificates.IssueClient("camera-2"));
        using (var certificate = X509CertificateLoader.LoadCertificateFromFile(known.Certificate))
        {
            var fingerprint = certificate.GetCertHashString(System.Security.Cryptography.HashAlgorithmName.SHA256);
            tokens.Add(new Grant { Id = AccessToken.CreateId(), CertificateSha256 = fingerprint, Watch = ["*"] });
        }

        var token = tokens.Add(grant => grant with { Watch = ["*"] });
        var transport = new TransportOptions { CertificateFile = certificates.Good.Certificate, CertificateKeyFile = certificates.Good.Key, ClientAuthorityFile = certificates.AuthorityFile };
        await using var host = await FramewireHost.StartAsync(new FramewireOptions { Access = tokens.Options, Transport = transport });
        await using var strict = await FramewireHost.StartAsync(new FramewireOptions { Transport = transport with { RequireClientCertificate = true } });
        ClientConnectionOptions With((string Certificate, string Key) own) => Trusting with { ClientCertificateFile = own.Certificate, ClientCertificateKeyFile = own.Key };

        Assert.Equal(GrpcStatusCode.Ok, await ListAsync(host, With(known)));
        Assert.Equal(GrpcStatusCode.Unauthenticated, await ListAsync(host, With(stranger)));
        Assert.Equal(GrpcStatusCode.Ok, await ListAsync(host, Trusting with { Token = token.Text }));
        Assert.Equal(GrpcStatusCode.Unauthenticated, await ListAsync(host, Trusting));
        Assert.Equal(GrpcStatusCode.Ok, await ListAsync(strict, With(stranger)));
        Assert.Equal(GrpcStatusCode.Unavailable, await ListAsync(strict, Trusting));
        using var others = new TestCertificates();
        Assert.Equal(GrpcStatusCode.Unavailable, await ListAsync(host, With(others.IssueClient("camera-1"))));
    }

    /// <summary>The system's clock, which a test moves on by steps.</summary>
    private sealed class SteppedClock : TimeProvider
    {
        private long _steps;

        public override long GetTimestamp() => base.GetTimestamp() + Interlocked.Read(ref _steps);

        public void Step(TimeSpan by) => Interlocked.Add(ref _steps, (long)(by.TotalSeconds * TimestampFrequency));
    }
}
