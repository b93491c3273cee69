using System.Net;

namespace Framewire.Server.Access;

/// <summary>Who may do what. Immutable; read once, when the server is composed, but for the file of tokens, which is read again when it changes.</summary>
public sealed record AccessOptions
{
    /// <summary>The file of tokens, which <c>framewire token</c> writes; empty for none: then everybody who reaches the server may do everything.</summary>
    public string TokenFile { get; init; } = "";

    /// <summary>Lets a server that other machines reach go without TLS or without tokens.</summary>
    public bool Insecure { get; init; }

    /// <summary>How long a login on the page lasts after it was last used.</summary>
    public TimeSpan LoginLifetime { get; init; } = TimeSpan.FromHours(12);

    /// <summary>Logins on the page at the same time; the one that was used longest ago makes room.</summary>
    public int MaxLogins { get; init; } = 1000;

    /// <summary>Wrong or missing credentials that an address may come with each minute; more are refused without a look, and not logged.</summary>
    public int MaxFailuresPerMinute { get; init; } = 30;

    /// <summary>Calls and requests that an address may begin each second on average, and at once.</summary>
    public int MaxCallsPerSecond { get; init; } = 200;

    /// <summary>See <see cref="MaxCallsPerSecond"/>.</summary>
    public int CallBurst { get; init; } = 1000;

    /// <summary>Connections that an address may have at the same time.</summary>
    public int MaxConnectionsPerAddress { get; init; } = 256;

    /// <summary>
    /// Addresses to which none of these limits apply, with commas between: those of proxies, behind which there are many. Their word on who that is
    /// (X-Forwarded-For) is believed, and nobody else's.
    /// </summary>
    public string TrustedProxies { get; init; } = "127.0.0.1, ::1";

    /// <summary>Whether anybody may do anything.</summary>
    public bool IsOpen => TokenFile.Length == 0;

    internal IReadOnlySet<IPAddress> Proxies => Split(TrustedProxies).Select(IPAddress.Parse).ToHashSet();

    /// <summary>Every mistake in these options, as sentences; empty if there is none.</summary>
    public IEnumerable<string> Validate()
    {
        if (LoginLifetime < TimeSpan.FromMinutes(1) || LoginLifetime > TimeSpan.FromDays(40))
            yield return $"Access.LoginLifetime is {LoginLifetime}; give a minute to 40 days.";
        foreach (var (name, value) in new[] { (nameof(MaxLogins), MaxLogins), (nameof(MaxFailuresPerMinute), MaxFailuresPerMinute), (nameof(MaxCallsPerSecond), MaxCallsPerSecond), (nameof(CallBurst), CallBurst), (nameof(MaxConnectionsPerAddress), MaxConnectionsPerAddress) })
        {
            if (value < 1)
                yield return $"Access.{name} is {value}; give 1 or more.";
        }

        foreach (var address in Split(TrustedProxies).Where(address => !IPAddress.TryParse(address, out _)))
            yield return $"Access.TrustedProxies has '{address}', which is not an IP address.";
        if (IsOpen)
            yield break;
        var mistake = ReadMistake();
        if (mistake is not null)
            yield return mistake;
    }

    private string? ReadMistake()
    {
        try
        {
            Access.TokenFile.Read(TokenFile);
            return null;
        }
        catch (IOException e)
        {
            return File.Exists(TokenFile) ? e.Message : $"The token file {TokenFile} is not there; make it with: framewire token create --file {TokenFile} --admin";
        }
    }

    private static string[] Split(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
