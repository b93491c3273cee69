namespace Framewire.Protocol.Wire;

/// <summary>The token that a client shows with every call. A file is read again when it has changed, so that it can be renewed under a program that runs. Owned by a connection; any thread.</summary>
internal sealed class ClientToken(ClientConnectionOptions options)
{
    private readonly Lock _lock = new();
    private string? _read;
    private (DateTime WrittenAt, long Length) _seen;

    /// <summary>The token; null if there is none.</summary>
    /// <exception cref="GrpcException">UNAUTHENTICATED: the file cannot be read, or has no token in it.</exception>
    public string? Read()
    {
        if (options.TokenFile is not { } path)
            return options.Token;
        lock (_lock)
        {
            try
            {
                var file = new FileInfo(path);
                var now = (file.LastWriteTimeUtc, file.Length);
                if (_read is null || now != _seen)
                    (_read, _seen) = (File.ReadAllText(path).Trim(), now);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new GrpcException(GrpcStatusCode.Unauthenticated, $"The token file {path} cannot be read: {e.Message}");
            }

            return IsToken(_read) ? _read : throw new GrpcException(GrpcStatusCode.Unauthenticated, $"The file {path} has no token in it: one line, without spaces.");
        }
    }

    /// <summary>The options of a call with the token in its headers, unless the caller brings credentials of its own.</summary>
    public CallOptions AddTo(CallOptions call)
    {
        if (call.Headers?.Get("authorization") is not null || Read() is not { } token)
            return call;
        var headers = new Metadata();
        foreach (var (name, value) in call.Headers ?? [])
            headers.AddUnchecked(name, value);
        headers.Add("authorization", $"Bearer {token}");
        return call with { Headers = headers };
    }

    internal static bool IsToken(string text) => text.Length is > 0 and <= 4096 && text.All(c => c is > ' ' and < '\x7f');
}
