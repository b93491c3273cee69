using Framewire.Protocol.Video;

namespace Framewire.Edge;

/// <summary>What may be lost when the link cannot keep up. The numbers are those of <c>framewire.v1.Mode</c>.</summary>
public enum PublishMode
{
    /// <summary>The newest frame wins; old ones are dropped here and counted.</summary>
    Live = 1,

    /// <summary>Every frame is kept and resent until it is acknowledged; the source waits when memory is full.</summary>
    Lossless = 2,
}

/// <summary>Which gRPC contract the server speaks.</summary>
public enum PublishContract
{
    /// <summary><c>framewire.v1.Ingest</c>: sessions, resume, heartbeats, gaps.</summary>
    Framewire,

    /// <summary><c>video.Analyse</c>: bare pictures, one integer back for each.</summary>
    Analyse,
}

/// <summary>How far a frame must come before the publisher forgets it. The numbers are those of <c>framewire.v1.AckLevel</c>.</summary>
public enum PublishAck
{
    /// <summary>In the server's memory, and handed to every lossless reader.</summary>
    Received = 1,

    /// <summary>The processors attached to the stream have answered.</summary>
    Processed = 2,

    /// <summary>On the server's disk, after an fsync.</summary>
    Persisted = 3,
}

/// <summary>How to publish one stream.</summary>
public sealed record PublisherOptions
{
    /// <summary>The server: <c>http://HOST:PORT</c> for cleartext HTTP/2, <c>https://HOST:PORT</c> for TLS.</summary>
    public required Uri Server { get; init; }

    /// <summary>The stream's name.</summary>
    public required string Stream { get; init; }

    /// <summary>The contract that the server speaks.</summary>
    public PublishContract Contract { get; init; } = PublishContract.Framewire;

    /// <summary>What may be lost.</summary>
    public PublishMode Mode { get; init; } = PublishMode.Live;

    /// <summary>How far a frame must come before it is forgotten.</summary>
    public PublishAck Ack { get; init; } = PublishAck.Received;

    /// <summary>Whether to be told what the processors made of each frame, whatever the level.</summary>
    public bool Results { get; init; }

    /// <summary>Where frames wait on disk until they are acknowledged; only in lossless mode.</summary>
    public SpoolOptions Spool { get; init; } = new();

    /// <summary>In live mode, a frame older than this is not sent any more; with a spool, it leaves the way to newer ones.</summary>
    public TimeSpan AgeLimit { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The most frames in flight.</summary>
    public int WindowFrames { get; init; } = 64;

    /// <summary>The most bytes in flight; one frame may always be.</summary>
    public long WindowBytes { get; init; } = 16L << 20;

    /// <summary>
    /// In live mode, how much longer than the best round trip an ack may take before sending pauses: what waits, waits here,
    /// where it can be dropped, and not in a socket.
    /// </summary>
    public TimeSpan QueueingBudget { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Memory for frames that wait to be sent or acknowledged.</summary>
    public long MemoryBytes { get; init; } = 256L << 20;

    /// <summary>Something is said at least this often.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A link without a word for this long is dead.</summary>
    public TimeSpan SilenceLimit { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The first pause before connecting again; later ones grow, with jitter.</summary>
    public TimeSpan ReconnectDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest pause before connecting again.</summary>
    public TimeSpan MaxReconnectDelay { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long to look for the server before the first connection; null for ever.</summary>
    public TimeSpan? WaitForServer { get; init; }

    /// <summary>After this many frames the source is closed; null for no limit.</summary>
    public long? Frames { get; init; }

    /// <summary>After a stop is asked for, how long to wait for the last acks.</summary>
    public TimeSpan FlushTimeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Every mistake in these options, as sentences; empty if there is none.</summary>
    public IEnumerable<string> Validate()
    {
        if (!StreamName.TryParse(Stream, out _))
            yield return $"The stream name '{Stream}' cannot be used: a name is {StreamName.Rule}.";
        if (Server.Scheme is not ("http" or "https"))
            yield return $"The server address '{Server}' must begin with http:// or https://.";
        foreach (var mistake in Spool.Validate())
            yield return mistake;
        if (Spool.IsOn && Mode != PublishMode.Lossless)
            yield return "A spool keeps every frame, which live mode does not: add --mode lossless (Publisher.Mode).";
        if (Spool.IsOn && Contract == PublishContract.Analyse)
            yield return "The contract analyse knows no sessions, so that a spool cannot go on where it was: use --contract framewire, or no spool.";
        if (Contract == PublishContract.Analyse && (Ack != PublishAck.Received || Results))
            yield return "The contract analyse has one kind of ack: leave --ack and --results out.";
        if (WindowFrames < 1)
            yield return "Publisher.WindowFrames must be 1 or more.";
        if (WindowBytes < 1 || MemoryBytes < WindowBytes)
            yield return "Publisher.WindowBytes must be 1 or more, and Publisher.MemoryBytes no less.";
        if (AgeLimit <= TimeSpan.Zero || QueueingBudget <= TimeSpan.Zero)
            yield return "Publisher.AgeLimit and Publisher.QueueingBudget must be more than 0.";
        if (HeartbeatInterval <= TimeSpan.Zero || SilenceLimit <= HeartbeatInterval)
            yield return "Publisher.HeartbeatInterval must be more than 0, and Publisher.SilenceLimit more than that.";
        if (ReconnectDelay <= TimeSpan.Zero || MaxReconnectDelay < ReconnectDelay)
            yield return "Publisher.ReconnectDelay must be more than 0, and Publisher.MaxReconnectDelay no less.";
        if (WaitForServer < TimeSpan.Zero)
            yield return "Publisher.WaitForServer must not be negative.";
        if (FlushTimeout < TimeSpan.Zero)
            yield return "Publisher.FlushTimeout must not be negative.";
        if (Frames is < 1)
            yield return "The number of frames must be 1 or more.";
    }
}
