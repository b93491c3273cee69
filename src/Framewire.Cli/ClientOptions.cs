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

    /// <summary>The server's address.</summary>
    public static Uri Server(ParseResult parsed, Settings settings) =>
        parsed.GetValue(From) is { } url ? ParseUrl(url, "--from") : settings.Publisher().Server;

    /// <summary>How to connect to it.</summary>
    public static ClientConnectionOptions Connection(ParseResult parsed, Settings settings)
    {
        var options = settings.Connection();
        options = options with { CertificateAuthorityFile = parsed.GetValue(Authority) ?? options.CertificateAuthorityFile };
        UsageException.ThrowIfAny(options.Validate());
        return options;
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
