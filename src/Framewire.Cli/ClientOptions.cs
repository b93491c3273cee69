using System.CommandLine;
using Framewire.Edge;
using Framewire.Edge.Links;
using Framewire.Protocol.Wire;

namespace Framewire.Cli;

/// <summary>The options of every command that connects to a server.</summary>
internal static class ClientOptions
{
    public static readonly Option<string> From = new("--from") { HelpName = "URL", Description = "The server: http://HOST:PORT, or https:// for TLS. Default: http://127.0.0.1:50051." };

    public static readonly Option<string> Authority = new("--ca") { HelpName = "FILE", Description = "A PEM file of certificate authorities to trust for https:// instead of the system's." };

    public static readonly Option<string> Token = new("--token-file") { HelpName = "FILE", Description = "A file with the token that the server asks for; read again when it changes. Default: the environment variable FRAMEWIRE_TOKEN." };

    public static readonly Option<string> Certificate = new("--client-cert") { HelpName = "FILE", Description = "A PEM file with the certificate, and the key, by which the server knows this program." };

    public static readonly Option<bool> Insecure = new("--insecure") { Description = "Allow http:// to another machine, where anybody on the way can read and change everything." };

    /// <summary>Gives a command the options about trust, which every one that connects has.</summary>
    public static Command WithTrust(this Command command)
    {
        foreach (var option in new Option[] { Authority, Token, Certificate, Insecure })
            command.Options.Add(option);
        return command;
    }

    /// <summary>The server's address.</summary>
    private static Uri Server(ParseResult parsed, Settings settings) =>
        parsed.GetValue(From) is { } url ? ParseUrl(url, "--from") : settings.Publisher().Server;

    /// <summary>How to connect to it.</summary>
    public static ClientConnectionOptions Connection(ParseResult parsed, Settings settings, Uri server)
    {
        var options = settings.Connection();
        options = options with
        {
            CertificateAuthorityFile = parsed.GetValue(Authority) ?? options.CertificateAuthorityFile,
            ClientCertificateFile = parsed.GetValue(Certificate) ?? options.ClientCertificateFile,
            TokenFile = parsed.GetValue(Token) ?? options.TokenFile,
            // Never as an argument: those are for everybody on the machine to see.
            Token = Environment.GetEnvironmentVariable("FRAMEWIRE_TOKEN") ?? options.Token,
            Insecure = parsed.GetValue(Insecure) || options.Insecure,
        };
        UsageException.ThrowIfAny([.. options.Validate(), .. new[] { options.MistakeFor(server) }.OfType<string>()]);
        return options;
    }

    /// <summary>A connection to the server of --from.</summary>
    public static ClientConnection Connect(ParseResult parsed, Settings settings)
    {
        var server = Server(parsed, settings);
        return new ClientConnection(server, Connection(parsed, settings, server));
    }

    /// <summary>Reads a server's address; <c>HOST:PORT</c> alone is taken as <c>http://HOST:PORT</c>.</summary>
    public static Uri ParseUrl(string text, string option)
    {
        var full = text.Contains("://", StringComparison.Ordinal) ? text : $"http://{text}";
        return Uri.TryCreate(full, UriKind.Absolute, out var url) && url is { Scheme: "http" or "https", Host.Length: > 0, PathAndQuery: "/" }
            ? url
            : throw new UsageException($"{option} '{text}' is not a server's address: give http://HOST:PORT or https://HOST:PORT.");
    }

    /// <summary>Runs a call and puts what goes wrong with it into words; a server that is not there is exit code 3.</summary>
    public static async Task<T> ExplainAsync<T>(
        ClientConnection connection, Func<Task<T>> call, string unknownMethod = "framewire.v1.Viewing; is it a Framewire server?")
    {
        try
        {
            return await call();
        }
        catch (GrpcException e)
        {
            var failure = LinkFailure.Of(e, connection.Address, wasUp: false, unknownMethod);
            throw failure.ServerFound ? new LinkException(failure.Message, e) : new ServerNotFoundException(failure.Message, e);
        }
    }
}
