using Framewire.Protocol.Wire;
using Framewire.Server.Access;

namespace Framewire.Tests.Testing;

/// <summary>A file of tokens in a folder that goes with it. Owned by one test.</summary>
internal sealed class Tokens : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("framewire-tokens-");
    private readonly List<Grant> _grants = [];

    public Tokens() => TokenFile.Write(Path, []);

    public string Path => System.IO.Path.Combine(_folder.FullName, "tokens.json");

    /// <summary>The server's options with these tokens.</summary>
    public AccessOptions Options => new() { TokenFile = Path };

    /// <summary>Adds a token with these rights.</summary>
    public AccessToken Add(Func<Grant, Grant> rights)
    {
        var token = AccessToken.Create();
        _grants.Add(rights(new Grant { Id = token.Id, Sha256 = token.Sha256 }));
        TokenFile.Write(Path, _grants);
        return token;
    }

    /// <summary>Adds an entry as it is.</summary>
    public void Add(Grant grant)
    {
        _grants.Add(grant);
        TokenFile.Write(Path, _grants);
    }

    /// <summary>Takes a token back.</summary>
    public void Revoke(AccessToken token)
    {
        _grants.RemoveAll(grant => grant.Id == token.Id);
        TokenFile.Write(Path, _grants);
    }

    /// <summary>The options of a client that shows a token.</summary>
    public static ClientConnectionOptions Client(AccessToken? token) => Clients.Options with { Token = token?.Text };

    public void Dispose() => _folder.Delete(recursive: true);
}
