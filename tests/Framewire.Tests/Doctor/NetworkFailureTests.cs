using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Framewire.Edge.Doctor;
using Framewire.Edge.Links;
using Framewire.Protocol.Wire;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Doctor;

/// <summary>The doctor names what fails below TLS.</summary>
public sealed class NetworkFailureTests
{
    [Fact]
    public async Task A_name_that_nobody_knows()
    {
        var failure = await Examined.FailsAsync("names", ConnectCause.NameUnknown, new Uri("http://camera-server.invalid:50051"), Clients.Options with { Insecure = true });

        Assert.False(failure.ServerFound);
        Assert.NotEmpty(failure.Raw);
    }

    [Fact]
    public async Task A_port_at_which_nothing_listens() =>
        await Examined.FailsAsync("route", ConnectCause.Refused, new Uri($"http://127.0.0.1:{ChildProcess.FreePort()}"));

    [Fact]
    public async Task A_machine_that_does_not_answer()
    {
        // A queue that is full: the kernel drops what else wants to connect, as a firewall does.
        using var full = new Socket(SocketType.Stream, ProtocolType.Tcp);
        full.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        full.Listen(0);
        List<Socket> waiting = [];
        for (var isFull = false; !isFull;)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            waiting.Add(socket);
            using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
            isFull = await Record.ExceptionAsync(async () => await socket.ConnectAsync(full.LocalEndPoint!, limit.Token)) is not null;
            Assert.True(waiting.Count < 50, "The queue does not become full.");
        }

        await Examined.FailsAsync(
            "route", ConnectCause.NoAnswer, new Uri($"http://127.0.0.1:{((IPEndPoint)full.LocalEndPoint!).Port}"), how: new ExaminationOptions { Quick = true, Patience = TimeSpan.FromSeconds(1) });
        waiting.ForEach(socket => socket.Dispose());
    }

    [Fact]
    public async Task A_server_that_takes_the_connection_and_says_nothing()
    {
        await using var silent = new ScriptedListener((_, over) => Task.Delay(Timeout.Infinite, over));

        await Examined.FailsAsync("http/2", ConnectCause.NoAnswer, new Uri($"http://127.0.0.1:{silent.Port}"), how: new ExaminationOptions { Quick = true, Patience = TimeSpan.FromSeconds(1) });
    }

    [Fact]
    public async Task A_server_that_closes_after_the_preface()
    {
        await using var closing = new ScriptedListener(async (stream, over) => await stream.ReadExactlyAsync(new byte[24], over));

        await Examined.FailsAsync("http/2", ConnectCause.ClosedAtOnce, new Uri($"http://127.0.0.1:{closing.Port}"));
    }

    [Fact]
    public async Task A_web_server_in_HTTP_1()
    {
        await using var web = new ScriptedListener(async (stream, over) =>
        {
            await stream.ReadExactlyAsync(new byte[24], over);
            await stream.WriteAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray(), over);
        });

        var failure = await Examined.FailsAsync("http/2", ConnectCause.NotHttp2, new Uri($"http://127.0.0.1:{web.Port}"));

        Assert.Contains("HTTP/1.1", failure.Raw, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_TLS_server_without_HTTP_2()
    {
        using var certificates = new TestCertificates();
        using var own = X509Certificate2.CreateFromPemFile(certificates.Good.Certificate, certificates.Good.Key);
        await using var web = new ScriptedListener(async (stream, over) =>
        {
            using var tls = new SslStream(stream);
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = own }, over);
            await tls.ReadExactlyAsync(new byte[1], over);
        });
        var (server, options) = (new Uri($"https://localhost:{web.Port}"), Clients.Options with { CertificateAuthorityFile = certificates.AuthorityFile });

        var failure = await Examined.FailsAsync("alpn", ConnectCause.NotHttp2, server, options);

        // The publisher says the same.
        await using var connection = new ClientConnection(server, options);
        var thrown = await Assert.ThrowsAsync<GrpcException>(() => connection.UnaryAsync(Protocol.Contracts.ViewingContract.ListStreams, new(), new CallOptions { Timeout = TimeSpan.FromSeconds(20) }));
        Assert.Equal(failure.Message, LinkFailure.Of(thrown, server, wasUp: false, "that").Message);
    }

    [Fact]
    public async Task A_connection_that_is_cut_in_the_middle_of_a_call()
    {
        await using var server = RawServer.Start(async (connection, _) => await connection.DisposeAsync());

        await Examined.FailsAsync("grpc", ConnectCause.ConnectionCut, server.Address);
    }
}
