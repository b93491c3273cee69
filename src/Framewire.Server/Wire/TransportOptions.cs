namespace Framewire.Server.Wire;

/// <summary>How the gRPC port speaks HTTP/2. Immutable; read once, when the port is opened. The numbers come from measurements on 2 cores.</summary>
public sealed record TransportOptions
{
    /// <summary>Block of the memory pool, bytes. Each read from a socket is at most one block: with Kestrel's own 4 KiB it is bound by system calls, with 256 KiB it takes 2.4 times the frames at a third of the CPU.</summary>
    public int PoolBlockBytes { get; init; } = 256 * 1024;

    /// <summary>Memory that the pool keeps for reuse, bytes. What is over it goes back to the garbage collector.</summary>
    public int PoolKeptBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>HTTP/2 window of each call, bytes: what may be on the way unread. 16 MiB is 60 to 100 MB/s over 150 ms; what bounds latency is how many frames a publisher has in flight.</summary>
    public int StreamWindowBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>HTTP/2 window of each connection, bytes, shared by its calls.</summary>
    public int ConnectionWindowBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Largest HTTP/2 frame taken, bytes: fewer frame headers for each picture.</summary>
    public int MaxFrameBytes { get; init; } = 64 * 1024;

    /// <summary>
    /// What may wait unsent in the kernel for each connection, bytes (Linux); null for as much as it likes, which for a slow viewer is
    /// megabytes, and so many seconds of old pictures that it must see before the newest.
    /// </summary>
    public int? MaxUnsentBytes { get; init; } = 128 * 1024;

    /// <summary>Calls at the same time on one connection; the rest waits at the client. Kestrel's guard against rapid resets builds on it.</summary>
    public int MaxCallsPerConnection { get; init; } = 100;

    /// <summary>All request headers of a call together, bytes: room for tokens, none for header bombs.</summary>
    public int MaxRequestHeadersBytes { get; init; } = 16 * 1024;

    /// <summary>Request headers of a call.</summary>
    public int MaxRequestHeaders { get; init; } = 50;

    /// <summary>Connections at the same time; null for no limit.</summary>
    public int? MaxConnections { get; init; } = 2000;

    /// <summary>Without a byte from the client for this long, an HTTP/2 PING asks whether it is there: finds half-open viewers.</summary>
    public TimeSpan KeepAlivePingDelay { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>An unanswered PING closes the connection after this long.</summary>
    public TimeSpan KeepAlivePingTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>PING, SETTINGS, PRIORITY and empty DATA frames that a connection may send at once; each costs us an answer.</summary>
    public int ControlFrameBurst { get; init; } = 5000;

    /// <summary>How many of them a connection may send in the long run, each second. gRPC in Go measures its round trip with a PING for each burst of data that it receives: dozens a second for a viewer.</summary>
    public int ControlFramesPerSecond { get; init; } = 2000;

    /// <summary>How long the request of a call that has but one may take to come whole.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A connection without calls is closed after this long; also what ends a client that trickles its preface byte by byte.</summary>
    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A connection to the page whose other end takes nothing for this long is closed (Linux).</summary>
    public TimeSpan DeadViewerTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long running calls may take to finish when the server stops; then they are cancelled.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>PEM file of the server's certificate, with its chain; null for cleartext HTTP/2 with prior knowledge.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>PEM file of the certificate's key; null if it is in the certificate's file.</summary>
    public string? CertificateKeyFile { get; init; }

    /// <summary>PEM file of the authorities whose client certificates are taken; null for none: then no client is asked for one.</summary>
    public string? ClientAuthorityFile { get; init; }

    /// <summary>Whether a client without a certificate is refused; else it needs a token.</summary>
    public bool RequireClientCertificate { get; init; }

    /// <summary>Says every mistake at once; nothing if there is none.</summary>
    public IEnumerable<string> Validate()
    {
        if (PoolBlockBytes is < 4096 or > 1024 * 1024)
            yield return $"PoolBlockBytes is {PoolBlockBytes}; give 4096 to 1048576.";
        if (PoolKeptBytes < 0)
            yield return $"PoolKeptBytes is {PoolKeptBytes}; give 0 or more.";
        if (StreamWindowBytes < 65_535)
            yield return $"StreamWindowBytes is {StreamWindowBytes}; give 65535 or more (RFC 9113 section 6.9.2).";
        if (ConnectionWindowBytes < StreamWindowBytes)
            yield return $"ConnectionWindowBytes is {ConnectionWindowBytes}, less than StreamWindowBytes ({StreamWindowBytes}): one call could not use its window.";
        if (MaxFrameBytes is < 16_384 or > 16_777_215)
            yield return $"MaxFrameBytes is {MaxFrameBytes}; give 16384 to 16777215 (RFC 9113 section 6.5.2).";
        if (MaxUnsentBytes is < 4096)
            yield return $"MaxUnsentBytes is {MaxUnsentBytes}; give 4096 or more, or none for no limit.";
        if (MaxCallsPerConnection < 1)
            yield return $"MaxCallsPerConnection is {MaxCallsPerConnection}; give 1 or more.";
        if (MaxRequestHeadersBytes < 1024)
            yield return $"MaxRequestHeadersBytes is {MaxRequestHeadersBytes}; give 1024 or more.";
        if (MaxRequestHeaders < 8)
            yield return $"MaxRequestHeaders is {MaxRequestHeaders}; give 8 or more, which gRPC itself needs.";
        if (ControlFrameBurst < 10)
            yield return $"ControlFrameBurst is {ControlFrameBurst}; give 10 or more.";
        if (ControlFramesPerSecond < 1)
            yield return $"ControlFramesPerSecond is {ControlFramesPerSecond}; give 1 or more.";
        if (MaxConnections is < 1)
            yield return $"MaxConnections is {MaxConnections}; give 1 or more, or none for no limit.";
        foreach (var mistake in ValidateTimes().Concat(ValidateFiles()))
            yield return mistake;
    }

    private IEnumerable<string> ValidateTimes()
    {
        if (KeepAlivePingDelay < TimeSpan.FromSeconds(1))
            yield return $"KeepAlivePingDelay is {KeepAlivePingDelay}; give a second or more.";
        if (KeepAlivePingTimeout < TimeSpan.FromSeconds(1))
            yield return $"KeepAlivePingTimeout is {KeepAlivePingTimeout}; give a second or more.";
        if (RequestTimeout < TimeSpan.FromSeconds(1) || RequestTimeout > TimeSpan.FromHours(1))
            yield return $"RequestTimeout is {RequestTimeout}; give a second to an hour.";
        if (KeepAliveTimeout < TimeSpan.FromSeconds(1))
            yield return $"KeepAliveTimeout is {KeepAliveTimeout}; give a second or more.";
        if (DeadViewerTimeout < TimeSpan.FromSeconds(1) || DeadViewerTimeout > TimeSpan.FromDays(1))
            yield return $"DeadViewerTimeout is {DeadViewerTimeout}; give a second to a day.";
        if (DrainTimeout < TimeSpan.Zero)
            yield return $"DrainTimeout is {DrainTimeout}; give zero or more.";
    }

    private IEnumerable<string> ValidateFiles()
    {
        if (CertificateFile is { } certificate && !File.Exists(certificate))
            yield return $"CertificateFile is \"{certificate}\", which is not there.";
        if (CertificateKeyFile is { } key && !File.Exists(key))
            yield return $"CertificateKeyFile is \"{key}\", which is not there.";
        if (CertificateFile is null && (CertificateKeyFile ?? ClientAuthorityFile) is not null)
            yield return "CertificateKeyFile or ClientAuthorityFile is given without CertificateFile.";
        if (ClientAuthorityFile is { } authority && !File.Exists(authority))
            yield return $"ClientAuthorityFile is \"{authority}\", which is not there.";
        if (RequireClientCertificate && ClientAuthorityFile is null)
            yield return "RequireClientCertificate is set without ClientAuthorityFile.";
    }
}
