namespace Framewire.Protocol.Wire;

/// <summary>How a client connects and what it bears. Immutable; shared by every call of a connection.</summary>
public sealed record ClientConnectionOptions
{
    /// <summary>What speaks HTTP/2.</summary>
    public ClientTransport Transport { get; init; } = ClientTransport.Framewire;

    /// <summary>The limits that both ends keep.</summary>
    public WireOptions Wire { get; init; } = new();

    /// <summary>How long TCP and TLS may take before the attempt counts as failed.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// After this long without a byte from the server an HTTP/2 PING asks whether it is there. Servers built on gRPC's C core or Go close a connection
    /// that pings more often than every five minutes without data: zero, the default, never asks and leaves it to heartbeats in the call.
    /// </summary>
    public TimeSpan KeepAlivePingDelay { get; init; }

    /// <summary>An unanswered PING closes the connection after this long.</summary>
    public TimeSpan KeepAlivePingTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether to ask while no call is running, too.</summary>
    public bool KeepAlivePingWithoutCalls { get; init; }

    /// <summary>The HTTP/2 window of each response, bytes: how much the server may send before this end has read. 65,535 to 16 MiB.</summary>
    public int StreamWindowBytes { get; init; } = 1024 * 1024;

    /// <summary>The largest response headers taken, KiB.</summary>
    public int MaxResponseHeadersKibibytes { get; init; } = 16;

    /// <summary>A PEM file of the authorities to trust instead of the machine's own; null for those.</summary>
    public string? CertificateAuthorityFile { get; init; }

    /// <summary>The name that the server's certificate must have, if it is not the host of the address. Also sent as <c>:authority</c>.</summary>
    public string? CertificateHostName { get; init; }

    /// <summary>Takes any certificate: for tests only, since anyone on the way can then read and change every frame.</summary>
    public bool SkipCertificateCheck { get; init; }

    /// <summary>PEM file of the certificate by which the server knows this client, with its chain; null for none.</summary>
    public string? ClientCertificateFile { get; init; }

    /// <summary>PEM file of that certificate's key; null if it is in the same file.</summary>
    public string? ClientCertificateKeyFile { get; init; }

    /// <summary>A file with the token that is shown to the server; read again when it changes. Null for <see cref="Token"/>.</summary>
    public string? TokenFile { get; init; }

    /// <summary>The token that is shown to the server; null for none.</summary>
    public string? Token { get; init; }

    /// <summary>Lets a connection to another machine go without TLS: anybody on the way can then read and change every frame, and take the token.</summary>
    public bool Insecure { get; init; }

    /// <summary>What is sent as <c>user-agent</c>: "grpc-" language "-" name "/" version.</summary>
    public string UserAgent { get; init; } = $"grpc-dotnet-framewire/{typeof(ClientConnectionOptions).Assembly.GetName().Version?.ToString(3)}";

    /// <summary>The clock of deadlines.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>What is wrong with going to this address by these options; null if nothing is.</summary>
    public string? MistakeFor(Uri server) => server.Scheme == Uri.UriSchemeHttp && !server.IsLoopback && !Insecure
        ? $"{server.Host} is another machine, and over http:// anybody on the way can read and change every frame: use https://, or say --insecure if that is what you want."
        : null;

    /// <summary>Says every mistake at once; nothing if there is none.</summary>
    public IEnumerable<string> Validate()
    {
        foreach (var mistake in Wire.Validate())
            yield return mistake;
        if (!Enum.IsDefined(Transport))
            yield return $"Transport is {(int)Transport}; give one of {string.Join(", ", Enum.GetNames<ClientTransport>())}.";
        if (ConnectTimeout <= TimeSpan.Zero)
            yield return $"ConnectTimeout is {ConnectTimeout}; give more than zero.";
        if (KeepAlivePingDelay != TimeSpan.Zero && KeepAlivePingDelay < TimeSpan.FromSeconds(1))
            yield return $"KeepAlivePingDelay is {KeepAlivePingDelay}; give zero for never, or a second or more.";
        if (KeepAlivePingTimeout < TimeSpan.FromSeconds(1))
            yield return $"KeepAlivePingTimeout is {KeepAlivePingTimeout}; give a second or more.";
        if (StreamWindowBytes is < 65_535 or > 16 * 1024 * 1024)
            yield return $"StreamWindowBytes is {StreamWindowBytes}; give 65535 to 16777216.";
        if (MaxResponseHeadersKibibytes is < 1 or > 1024)
            yield return $"MaxResponseHeadersKibibytes is {MaxResponseHeadersKibibytes}; give 1 to 1024.";
        if (CertificateAuthorityFile is { } file && !File.Exists(file))
            yield return $"CertificateAuthorityFile is \"{file}\", which is not there.";
        foreach (var (name, path) in new[] { (nameof(ClientCertificateFile), ClientCertificateFile), (nameof(ClientCertificateKeyFile), ClientCertificateKeyFile), (nameof(TokenFile), TokenFile) })
        {
            if (path is not null && !File.Exists(path))
                yield return $"{name} is \"{path}\", which is not there.";
        }

        if (TokenFile is null && Token is { } token && !ClientToken.IsToken(token))
            yield return "The token has spaces or other characters that no token has; is it whole?";
    }
}

/// <summary>What speaks HTTP/2 at the client.</summary>
public enum ClientTransport
{
    /// <summary>Framewire's own: sends frames from where they lie, and costs a third of the processor time.</summary>
    Framewire,

    /// <summary>.NET's SocketsHttpHandler.</summary>
    SocketsHttpHandler,
}

/// <summary>What one call asks for. Immutable.</summary>
public sealed record CallOptions
{
    /// <summary>Sent with the call: <c>authorization</c>, for one.</summary>
    public Metadata? Headers { get; init; }

    /// <summary>How long the call may take, whatever the server does; zero or less has passed already. Null for as long as it lasts.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Announces gzip and compresses the requests; <see cref="MessageWriter{T}.Compress"/> can turn single messages off and on after that.</summary>
    public bool Compress { get; init; }
}
