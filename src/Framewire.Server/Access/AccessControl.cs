using System.Collections.Frozen;
using System.Security.Cryptography;
using Framewire.Protocol.Wire;
using Microsoft.Extensions.Logging;

namespace Framewire.Server.Access;

/// <summary>
/// Knows whom credentials belong to. Reads the file of tokens again when it has changed, and ends what goes on with those that are gone from it or have
/// expired. One for a server; any thread.
/// </summary>
public sealed partial class AccessControl : IDisposable
{
    /// <summary>What whoever comes without credentials is told.</summary>
    public const string Missing = "This server asks for a token: give one with --token-file FILE or in FRAMEWIRE_TOKEN, as 'authorization: Bearer TOKEN'.";

    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(1);

    private readonly AccessOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _reading = new();
    private readonly ITimer? _check;
    private FrozenDictionary<string, Caller> _byId = FrozenDictionary<string, Caller>.Empty;
    private FrozenDictionary<string, Caller> _byCertificate = FrozenDictionary<string, Caller>.Empty;
    private (DateTime WrittenAt, long Length) _seen;

    /// <exception cref="IOException">The file of tokens cannot be read.</exception>
    public AccessControl(AccessOptions options, TimeProvider time, ILogger<AccessControl> logger)
    {
        (_options, _time, _logger) = (options, time, logger);
        if (options.IsOpen)
            return;
        _seen = Look();
        TakeIn(TokenFile.Read(options.TokenFile));
        _check = time.CreateTimer(_ => Check(), null, CheckInterval, CheckInterval);
    }

    /// <summary>Whom a token belongs to; nobody, with the reason, if it does not hold.</summary>
    public Caller FindByToken(string text)
    {
        if (AccessToken.Parse(text) is not { } token)
            return Caller.Nobody("That is not a token of this server: it begins with fw_ and has no spaces; is it whole?");
        if (_byId.GetValueOrDefault(token.Id) is not { Grant: { } grant } caller || !token.IsOf(grant))
            return Caller.Nobody("This token is not known here: it was revoked, or is for another server.");
        return HasExpired(grant) ? Caller.Nobody(ExpiredText(grant)) : caller;
    }

    /// <summary>Whom a client certificate belongs to; null if there is no entry for it.</summary>
    /// <param name="der">The certificate, which has been checked already.</param>
    public Caller? FindByCertificate(ReadOnlySpan<byte> der)
    {
        if (_byCertificate.Count == 0)
            return null;
        var caller = _byCertificate.GetValueOrDefault(Convert.ToHexStringLower(SHA256.HashData(der)));
        return caller is { Grant: { } grant } && HasExpired(grant) ? Caller.Nobody(ExpiredText(grant)) : caller;
    }

    /// <summary>Lets a call that goes on last as long as newer credentials.</summary>
    /// <param name="call">The call.</param>
    /// <param name="token">What it was shown.</param>
    /// <param name="demand">Throws unless they give what the call needs.</param>
    /// <exception cref="Protocol.Wire.GrpcException">UNAUTHENTICATED: they do not hold.</exception>
    public void Renew(ServerCall call, string token, Action<Caller> demand)
    {
        if (_options.IsOpen)
            return;
        var caller = FindByToken(token);
        demand(caller);
        call.Identity = caller;
        Log.Renewed(_logger, call.Peer, caller.Name);
    }

    /// <summary>Reads the file again if it has changed, and ends whoever has expired.</summary>
    public void Check()
    {
        if (_options.IsOpen)
            return;
        lock (_reading)
        {
            try
            {
                if (Look() is var now && now != _seen)
                {
                    _seen = now;
                    TakeIn(TokenFile.Read(_options.TokenFile));
                    Log.Read(_logger, _options.TokenFile, _byId.Count);
                }
            }
            catch (IOException e)
            {
                Log.NotRead(_logger, e.Message);
            }

            foreach (var caller in _byId.Values.Where(caller => caller.IsSignedIn && HasExpired(caller.Grant!)))
                caller.End(ExpiredText(caller.Grant!));
        }
    }

    public void Dispose() => _check?.Dispose();

    private (DateTime WrittenAt, long Length) Look()
    {
        var file = new FileInfo(_options.TokenFile);
        return file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
    }

    /// <summary>What has not changed stays the same caller, so that its calls go on.</summary>
    private void TakeIn(IReadOnlyList<Grant> grants)
    {
        var before = _byId;
        var now = grants.ToFrozenDictionary(
            grant => grant.Id, grant => before.GetValueOrDefault(grant.Id) is { Grant: { } known } caller && known.IsSameAs(grant) ? caller : Caller.Of(grant), StringComparer.Ordinal);
        _byCertificate = now.Values.Where(caller => caller.Grant!.CertificateSha256 is not null)
            .GroupBy(caller => caller.Grant!.CertificateSha256!, StringComparer.OrdinalIgnoreCase)
            .ToFrozenDictionary(same => same.Key, same => same.First(), StringComparer.OrdinalIgnoreCase);
        _byId = now;
        foreach (var (id, caller) in before.Where(old => now.GetValueOrDefault(old.Key) != old.Value))
            caller.End(now.ContainsKey(id) ? "The rights of this token have changed; connect again." : "This token was revoked.");
    }

    private bool HasExpired(Grant grant) => grant.Expires <= _time.GetUtcNow();

    private static string ExpiredText(Grant grant) => $"This token expired at {grant.Expires:yyyy-MM-dd HH:mm:ss} UTC; ask whoever runs the server for a new one.";

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Read the token file {File} again: {Count} entries")]
        public static partial void Read(ILogger logger, string file, int count);

        [LoggerMessage(LogLevel.Information, "{Peer} goes on with a newer token, {Name}")]
        public static partial void Renewed(ILogger logger, string peer, string name);

        [LoggerMessage(LogLevel.Error, "{Why} Those that were read before still hold.")]
        public static partial void NotRead(ILogger logger, string why);
    }
}
