using System.CommandLine;
using System.Globalization;
using Framewire.Server.Access;
using Spectre.Console;

namespace Framewire.Cli.Tokens;

/// <summary><c>framewire token</c>: who may do what at a server, in a file that it reads.</summary>
internal static class TokenCommand
{
    /// <summary>The file, the same for every command.</summary>
    public static readonly Option<string> FileOption = new("--file") { HelpName = "FILE", Description = "The file of tokens, which 'framewire serve --tokens FILE' goes by. Default: tokens.json." };

    /// <summary>Shown below the help.</summary>
    public const string Examples = """
        framewire token create --name "front door" --publish front-door > front-door.token
        framewire token create --name anna --watch '*' --record '*' --expires 30d
        framewire token create --name prometheus --admin
        framewire token create --name pi-4 --publish pi-4 --certificate pi-4.pem
        framewire token list
        framewire token revoke k3v7x2ab
        """;

    public static Command Build() => new(
        "token",
        "Make, list and revoke the tokens by which a server knows who may do what. The server sees a change of the file at once.")
    {
        TokenCreate.Build(),
        BuildList(),
        BuildRevoke(),
    };

    /// <summary>The file that a command line names.</summary>
    public static string PathOf(ParseResult parsed) =>
        parsed.GetValue(FileOption) ?? (Settings.Load().Server().Access.TokenFile is { Length: > 0 } set ? set : "tokens.json");

    private static Command BuildList() => new Command("list", "List who may do what.") { FileOption }.Does((parsed, _) =>
    {
        var table = new Table().Border(TableBorder.Minimal)
            .AddColumns("id", "name", "publish", "watch", "record", "process", "admin", "expires", "known by");
        foreach (var grant in TokenFile.Read(PathOf(parsed)))
            table.AddRow([.. Cells(grant).Select(Markup.Escape)]);
        StreamsCommand.Write(table);
        return Task.FromResult(ExitCode.Done);
    });

    private static Command BuildRevoke()
    {
        var id = new Argument<string>("ID") { Description = "The token's id, as 'framewire token list' shows it." };
        return new Command("revoke", "Take a token back: what goes on with it ends at once.") { id, FileOption }.Does((parsed, _) =>
        {
            var (path, revoked) = (PathOf(parsed), parsed.GetRequiredValue(id));
            var grants = TokenFile.Read(path);
            if (!grants.Any(grant => grant.Id == revoked))
                throw new UsageException($"There is no token '{revoked}' in {path}; 'framewire token list' lists them.");
            TokenFile.Write(path, grants.Where(grant => grant.Id != revoked));
            Console.Error.WriteLine($"Revoked {revoked}.");
            return Task.FromResult(ExitCode.Done);
        });
    }

    private static IEnumerable<string> Cells(Grant grant)
    {
        yield return grant.Id;
        yield return grant.Name;
        foreach (var right in new[] { Right.Publish, Right.Watch, Right.Record, Right.Process })
            yield return string.Join(", ", grant.StreamsOf(right));
        yield return grant.Admin ? "yes" : "";
        yield return grant.Expires is { } expires ? expires.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture) : "never";
        yield return grant.CertificateSha256 is null ? "token" : "certificate";
    }
}
