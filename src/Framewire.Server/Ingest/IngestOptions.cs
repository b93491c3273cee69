using Framewire.Protocol.Video;

namespace Framewire.Server.Ingest;

/// <summary>How frames are taken in.</summary>
public sealed record IngestOptions
{
    /// <summary>Something is said to each publisher at least this often.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A publisher without a byte for this long is given up, and its stream goes offline.</summary>
    public TimeSpan SilenceLimit { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a call may take to say which stream it is for.</summary>
    public TimeSpan OpenTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The shape of a bare picture on <c>video.Analyse</c> that is no JPEG. Its size in bytes must be exactly this shape's.</summary>
    public StreamFormat AnalyseFormat { get; init; } = new(Codec.Gray, 640, 480);

    /// <summary>Every mistake in these options, as sentences; empty if there is none.</summary>
    public IEnumerable<string> Validate()
    {
        if (HeartbeatInterval <= TimeSpan.Zero || SilenceLimit <= HeartbeatInterval)
            yield return "Ingest.HeartbeatInterval must be more than 0, and Ingest.SilenceLimit more than that.";
        if (OpenTimeout <= TimeSpan.Zero)
            yield return "Ingest.OpenTimeout must be more than 0.";
        if (AnalyseFormat.RawFrameBytes is null)
            yield return "Ingest.AnalyseFormat must be of a raw codec: gray or bgr.";
    }
}
