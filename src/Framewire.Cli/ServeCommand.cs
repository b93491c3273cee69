using System.CommandLine;
using Framewire.Server;
using Framewire.Server.Access;
using Framewire.Server.Processing;
using Framewire.Server.Processing.Pictures;
using Framewire.Server.Recording;
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
    private static readonly Option<string?> Record = new("--record")
    {
        HelpName = "STREAMS",
        Arity = ArgumentArity.ZeroOrOne,
        Description = "Record every stream, or only those named, with * and ? and commas between ('cam-*,door'), in --data. Default: nothing is recorded.",
    };

    private static readonly Option<string> Data = new("--data") { HelpName = "DIR", Description = "Where recordings are kept. Default: recordings." };
    private static readonly Option<string> Keep = new("--keep") { HelpName = "DAYS|SIZE", Description = "Delete the oldest recordings: those older than 30d (or 12h), or what is more than 500G in all. Default: keep everything, and stop recording when the disk is full." };
    private static readonly Option<string[]> Process = new("--process")
    {
        HelpName = "NAME[=STREAMS]",
        Description = "Have a processor of this program look at every stream, or only at those named ('motion=cam-*'): motion, or health (covered, dark, blurred or frozen pictures). May be given several times. Others attach by themselves.",
    };

    private static readonly Option<string> Certificate = new("--cert") { HelpName = "FILE", Description = "A PEM certificate with its chain: both ports then speak TLS." };
    private static readonly Option<string> Key = new("--key") { HelpName = "FILE", Description = "The certificate's PEM key, if it is not in the same file." };
    private static readonly Option<string> ClientAuthority = new("--client-ca") { HelpName = "FILE", Description = "A PEM file of authorities: clients with a certificate of theirs are known by it (framewire token create --certificate). Others need a token." };
    private static readonly Option<string> Tokens = new("--tokens") { HelpName = "FILE", Description = "The file of tokens, which 'framewire token' writes: who may do what. Default: everybody who reaches the server may do everything." };
    private static readonly Option<bool> Insecure = new("--insecure") { Description = "Listen beyond this machine without TLS, or without tokens: anybody on the network can publish, and read along." };
    private static readonly Option<bool> Quiet = new("--quiet") { Description = "Log warnings and errors only." };

    private static readonly Option<string> Log = new Option<string>("--log")
    {
        HelpName = "plain|json",
        Description = "How to log, on standard error: lines for people, or a JSON object a line with times in UTC, for programs. Default: plain.",
    }.AcceptOnlyFromAmong("plain", "json");

    /// <summary>Shown below the help.</summary>
    public const string Examples = """
        framewire serve
        framewire serve --record --data /srv/recordings --keep 30d
        framewire serve --process motion --process health=cam-*
        framewire serve --listen 0.0.0.0:50051 --web 0.0.0.0:8443 --cert server.pem --key server.key --tokens tokens.json
        framewire serve --listen 0.0.0.0:50051 --insecure
        curl http://127.0.0.1:8080/streams/test/snapshot.jpg -o now.jpg
        """;

    public static Command Build() => new Command(
        "serve",
        "Take frames in over gRPC, acknowledge each, and hand them to viewers. Ctrl-C drains: publishers are told, and lose nothing.")
    {
        Listen, Web, Record, Data, Keep, Process, Certificate, Key, ClientAuthority, Tokens, Insecure, Log, Quiet,
    }.Does(RunAsync);

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var options = OptionsFrom(parsed, Settings.Load().Server());
        UsageException.ThrowIfAny(options.Validate());
        var log = new ServeLog(isJson: parsed.GetValue(Log) == "json", parsed.GetValue(Quiet) ? LogLevel.Warning : LogLevel.Information);

        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        log.AddTo(builder.Logging);
        builder.Services.AddSingleton<IHostLifetime, CommandLifetime>();
        builder.AddFramewire(options);
        builder.Services.AddFrameProcessor<MotionProcessor>("motion").AddFrameProcessor<HealthProcessor>("health");
        await using var app = Map(builder.Build());
        await StartAsync(app, cancellation);
        var say = log.Lines(app.Services);
        Announce(app, options, say);
        using var reloading = new Reloading(() => OptionsFrom(parsed, Settings.Load().Server()), options, app.Services.GetRequiredService<AccessControl>(), say);
        await app.WaitForShutdownAsync(cancellation);
        return ExitCode.Done;
    }

    private static WebApplication Map(WebApplication app)
    {
        try
        {
            return app.MapFramewire();
        }
        catch (ArgumentException e)
        {
            throw new UsageException(e.Message);
        }
    }

    private static FramewireOptions OptionsFrom(ParseResult parsed, FramewireOptions settings) => settings with
    {
        Listen = parsed.GetValue(Listen) ?? settings.Listen,
        Web = parsed.GetValue(Web) is { } web ? (web == "none" ? "" : web) : settings.Web,
        Recording = Retention(parsed, settings.Recording) with
        {
            Streams = parsed.GetResult(Record) is null ? settings.Recording.Streams : parsed.GetValue(Record) ?? "*",
            Directory = parsed.GetValue(Data) ?? settings.Recording.Directory,
        },
        Processing = settings.Processing with
        {
            Processors = parsed.GetValue(Process) is { Length: > 0 } chosen ? string.Join(',', chosen) : settings.Processing.Processors,
        },
        Transport = settings.Transport with
        {
            CertificateFile = parsed.GetValue(Certificate) ?? settings.Transport.CertificateFile,
            CertificateKeyFile = parsed.GetValue(Key) ?? settings.Transport.CertificateKeyFile,
            ClientAuthorityFile = parsed.GetValue(ClientAuthority) ?? settings.Transport.ClientAuthorityFile,
        },
        Access = settings.Access with
        {
            TokenFile = parsed.GetValue(Tokens) ?? settings.Access.TokenFile,
            Insecure = parsed.GetValue(Insecure) || settings.Access.Insecure,
        },
    };

    private static RecordingOptions Retention(ParseResult parsed, RecordingOptions settings)
    {
        if (parsed.GetValue(Keep) is not { Length: > 1 } keep)
            return settings;
        if (keep[^1] is not ('d' or 'h'))
            return settings with { KeepBytes = ByteSize.Parse(keep, "--keep") };
        return settings with
        {
            KeepFor = Duration.TryParse(keep) ?? throw new UsageException($"--keep '{keep}' is neither an age nor a size: give 30d, 12h, or 500G."),
        };
    }

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

    private static void Announce(WebApplication app, FramewireOptions options, Action<string> say)
    {
        var bound = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ToList();
        say($"Taking frames on {bound[0]}" + (bound.Count > 1 ? $", the page is {bound[1]}/" : ""));
        if (options.Recording.IsOn)
            say($"Recording {(options.Recording.Streams == "*" ? "every stream" : options.Recording.Streams)} in {Path.GetFullPath(options.Recording.Directory)}");
        if (options.Access.Insecure && (FramewireOptions.ListensBeyondThisMachine(options.Listen) || FramewireOptions.ListensBeyondThisMachine(options.Web)))
            say("warning: --insecure: anybody on the network can publish, or read along. Give --cert, --key and --tokens instead.");
    }

    /// <summary>Leaves signals to the command line, which cancels the command. Made by the host.</summary>
    private sealed class CommandLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
