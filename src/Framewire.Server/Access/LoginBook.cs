using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Framewire.Server.Access;

/// <summary>
/// Who is logged in on the page: cookies, each for a caller that has shown its token. In memory only: a server that starts again asks again. One for a
/// server; any thread.
/// </summary>
public sealed class LoginBook(AccessOptions options, TimeProvider time)
{
    private const int SecretBytes = 32;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (Caller Caller, DateTimeOffset UsedAt)> _logins = new(StringComparer.Ordinal);

    /// <summary>Logs a caller in.</summary>
    /// <returns>The secret that his browser keeps.</returns>
    public string Add(Caller caller)
    {
        var secret = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));
        lock (_lock)
        {
            Forget();
            if (_logins.Count >= options.MaxLogins)
                _logins.Remove(_logins.MinBy(login => login.Value.UsedAt).Key);
            _logins[KeyOf(secret)] = (caller, time.GetUtcNow());
        }

        return secret;
    }

    /// <summary>Who is logged in with a secret; null if nobody is any more.</summary>
    public Caller? Find(string secret)
    {
        // Looked up by its hash, so that the time it takes tells nothing about those that are there.
        var key = KeyOf(secret);
        lock (_lock)
        {
            if (!_logins.TryGetValue(key, out var login))
                return null;
            if (IsOver(login))
            {
                _logins.Remove(key);
                return null;
            }

            _logins[key] = (login.Caller, time.GetUtcNow());
            return login.Caller;
        }
    }

    /// <summary>Logs out.</summary>
    public void Remove(string secret)
    {
        lock (_lock)
            _logins.Remove(KeyOf(secret));
    }

    private void Forget()
    {
        foreach (var (key, _) in _logins.Where(login => IsOver(login.Value)).ToList())
            _logins.Remove(key);
    }

    private bool IsOver((Caller Caller, DateTimeOffset UsedAt) login) => !login.Caller.IsSignedIn || time.GetUtcNow() - login.UsedAt >= options.LoginLifetime;

    private static string KeyOf(string secret) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
