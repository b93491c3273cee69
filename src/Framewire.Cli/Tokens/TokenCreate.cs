using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Framewire.Server.Access;

namespace Framewire.Cli.Tokens;

/// <summary><c>framewire token create</c>: adds an entry to the file of tokens. The token itself is printed, once, and kept nowhere.</summary>
internal static class TokenCreate
{
    private const int MostPatterns = 64;

    private static readonly Option<string> Name = new("--name") { HelpName = "TEXT", Description = "Whom or what it is for; shown in lists and logs." };
    private static readonly Option<string[]> Publish = Streams("--publish", "put frames into");
    private static readonly Option<string[]> Watch = Streams("--watch", "see live");
    private static readonly Option<string[]> Record = Streams("--record", "read recordings of");
    private static readonly Option<string[]> Process = Streams("--process", "attach processors to");
    private static readonly Option<bool> Admin = new("--admin") { Description = "May see inside the server: /metrics, and everything that /healthz tells." };
    private static readonly Option<string> Expires = new("--expires") { HelpName = "30d|12h", Description = "Until when it holds, from now. Default: until it is revoked." };
    private static readonly Option<string> Certificate = new("--certificate") { HelpName = "FILE", Description = "No token: the rights are for whoever connects with this PEM client certificate." };

    public static Command Build() => new Command(
        "create",
        "Make a token with these rights, and print it. It is printed once, and the file has only its SHA-256.")
    {
        Name, Publish, Watch, Record, Process, Admin, Expires, Certificate, TokenCommand.FileOption,
    }.Does((parsed, _) => Task.FromResult(Run(parsed)));

    private static int Run(ParseResult parsed)
    {
        var path = TokenCommand.PathOf(parsed);
        var grants = File.Exists(path) ? TokenFile.Read(path) : [];
        var token = parsed.GetValue(Certificate) is null ? AccessToken.Create() : null;
        var grant = new Grant
        {
            Id = token?.Id ?? AccessToken.CreateId(),
            Name = Checked(parsed.GetValue(Name) ?? ""),
            Sha256 = token?.Sha256,
            CertificateSha256 = parsed.GetValue(Certificate) is { } file ? FingerprintOf(file) : null,
            Publish = Patterns(parsed, Publish),
            Watch = Patterns(parsed, Watch),
            Record = Patterns(parsed, Record),
            Process = Patterns(parsed, Process),
            Admin = parsed.GetValue(Admin),
            Created = Now(),
            Expires = parsed.GetValue(Expires) is { } age ? Now() + Duration.Parse(age, "--expires") : null,
        };
        if (!grant.Admin && new[] { Right.Publish, Right.Watch, Right.Record, Right.Process }.All(right => !grant.Has(right)))
            throw new UsageException("It would have no right: give --publish, --watch, --record or --process with streams ('cam-*', or '*' for all), or --admin.");
        if (grants.Count >= TokenFile.MostGrants)
            throw new UsageException($"{path} has {TokenFile.MostGrants} entries, as many as it may; revoke some.");
        TokenFile.Write(path, [.. grants, grant]);
        Console.Error.WriteLine($"Added {grant.Id} to {path}" + (token is null ? "." : "; this is its token, shown only now:"));
        if (token is not null)
            Console.Out.WriteLine(token.Text);
        return ExitCode.Done;
    }

    private static Option<string[]> Streams(string name, string what) =>
        new(name) { HelpName = "STREAMS", Description = $"The streams that it may {what}: names with * and ?, and commas between." };

    private static List<string> Patterns(ParseResult parsed, Option<string[]> option)
    {
        var patterns = (parsed.GetValue(option) ?? []).SelectMany(text => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).ToList();
        var wrong = patterns.FirstOrDefault(pattern => pattern.Length > 64 || !pattern.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_' or '*' or '?'));
        if (wrong is not null || patterns.Count > MostPatterns)
            throw new UsageException($"{option.Name} '{wrong}' can match no stream: names have a-z, 0-9, - and _, and * and ? stand for any; at most {MostPatterns}.");
        return patterns;
    }

    private static string Checked(string name) =>
        name.Length <= 100 && !name.Any(char.IsControl) ? name : throw new UsageException("--name is too long, or has control characters.");

    private static DateTimeOffset Now() => DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds());

    private static string FingerprintOf(string file)
    {
        try
        {
            using var certificate = X509CertificateLoader.LoadCertificateFromFile(file);
            return certificate.GetCertHashString(HashAlgorithmName.SHA256).ToLower(CultureInfo.InvariantCulture);
        }
        catch (CryptographicException e)
        {
            throw new UsageException($"The certificate {file} cannot be read: {e.Message}");
        }
    }
}
