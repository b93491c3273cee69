using System.CommandLine;
using Framewire.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Framewire.Cli;

/// <summary><c>framewire serve</c>: takes frames in, acknowledges each, and hands them to viewers.</summary>
internal static class ServeCommand
{
    private static readonly Option<string> Listen = new("--listen") { HelpName = "HOST:PORT", Description = "Where gRPC listens; 0.0.0.0:50051 for every network. Default: 127.0.0.1:50051." };
    private static readonly Option<string> Web = new("--web") { HelpName = "HOST:PORT", Description = "Where the page for browsers listens, with /streams and /healthz; none for nowhere. Default: 127.0.0.1:8080." };
    private static readonly Option<string> Certificate = new("--cert") { HelpName = "FILE", Description = "A PEM certificate with its chain: both ports then speak TLS." };
    private static readonly Option<string> Key = new("--key") { HelpName = "FILE", Description = "The certificate's PEM key, if it is not in the same file." };
    private static readonly Option<bool> Quiet = new("--quiet") { Description = "Log warnings and errors only." };

    /// <summary>Shown below the help.</summary>
    public const string Examples = """
        framewire serve
        framewire serve --listen 0.0.0.0:50051
        framewire serve --listen 0.0.0.0:50051 --cert server.pem --key server.key
        curl http://127.0.0.1:8080/streams/test/snapshot.jpg -o now.jpg
        """;

    public static Command Build() => new Command(
        "serve",
        "Take frames in over gRPC, acknowledge each, and hand them to viewers. Ctrl-C drains: publishers are told, and lose nothing.")
    {
        Listen, Web, Certificate, Key, Quiet,
    }.Does(RunAsync);

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var options = OptionsFrom(parsed, Settings.Load().Server());
        UsageException.ThrowIfAny(options.Validate());
        var terminal = Terminal.StandardError(parsed.GetValue(Quiet) ? LogLevel.Warning : LogLevel.Information);

        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders().AddProvider(terminal).AddFilter("Microsoft", LogLevel.Warning).AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        builder.Services.AddSingleton<IHostLifetime, CommandLifetime>();
        builder.AddFramewire(options);
        await using var app = builder.Build().MapFramewire();
        await StartAsync(app, cancellation);
        Announce(app, options, terminal);
        await app.WaitForShutdownAsync(cancellation);
        return ExitCode.Done;
    }

    private static FramewireOptions OptionsFrom(ParseResult parsed, FramewireOptions settings) => settings with
    {
        Listen = parsed.GetValue(Listen) ?? settings.Listen,
        Web = parsed.GetValue(Web) is { } web ? (web == "none" ? "" : web) : settings.Web,
        Transport = settings.Transport with
        {
            CertificateFile = parsed.GetValue(Certificate) ?? settings.Transport.CertificateFile,
            CertificateKeyFile = parsed.GetValue(Key) ?? settings.Transport.CertificateKeyFile,
        },
    };

    private static async Task StartAsync(WebApplication app, CancellationToken cancellation)
    {
        try
        {
            await app.StartAsync(cancellation);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            throw new IOException($"{e.Message.TrimEnd('.')}; is another server running? Choose another port with --listen or --web.", e);
        }
        catch (System.Net.Sockets.SocketException e)
        {
            throw new IOException($"cannot listen: {e.Message}; check the address given with --listen or --web.", e);
        }
        catch (System.Security.Cryptography.CryptographicException e)
        {
            throw new UsageException($"the certificate or its key cannot be read: {e.Message}");
        }
    }

    private static void Announce(WebApplication app, FramewireOptions options, Terminal terminal)
    {
        var bound = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ToList();
        terminal.Line($"Taking frames on {bound[0]}" + (bound.Count > 1 ? $", the page is {bound[1]}/" : ""));
        if (options.Transport.CertificateFile is null && FramewireOptions.ListensBeyondThisMachine(options.Listen))
            terminal.Line("warning: anyone on the network can publish, and read along: this is cleartext. Give --cert and --key for TLS.");
    }

    /// <summary>Leaves signals to the command line, which cancels the command. Made by the host.</summary>
    private sealed class CommandLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
