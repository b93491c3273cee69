namespace Framewire.Server.Streams;

/// <summary>How much memory and time the streams may take. Every number is a setting.</summary>
public sealed record StreamLimits
{
    /// <summary>Streams known at once, live or not. One more is refused.</summary>
    public int MaxStreams { get; init; } = 256;

    /// <summary>Bytes of frames kept in memory for each stream, for viewers that join, fall behind, or start in the past.</summary>
    public long HistoryBytes { get; init; } = 32L << 20;

    /// <summary>Frames kept in memory for each stream.</summary>
    public int HistoryFrames { get; init; } = 1024;

    /// <summary>A viewer further behind than this jumps to the newest keyframe.</summary>
    public int ViewerLagFrames { get; init; } = 60;

    /// <summary>So does one that is about to be sent a frame that came longer ago than this.</summary>
    public TimeSpan ViewerLagTime { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Viewers of one stream. One more is refused.</summary>
    public int MaxViewersPerStream { get; init; } = 1000;

    /// <summary>How far a lossless reader may fall behind before the publisher has to wait for it.</summary>
    public int LosslessLagFrames { get; init; } = 256;

    /// <summary>How long the publisher waits for a lossless reader before it is detached, so that live goes on.</summary>
    public TimeSpan LosslessPatience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Runs of sequences kept of a session that is filled in out of order. A publisher that would make one more is refused.</summary>
    public int MaxRunsPerSession { get; init; } = 10_000;

    /// <summary>A stream without a publisher, and its last frames, are forgotten after this long.</summary>
    public TimeSpan OfflineRetention { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Every mistake in these limits, as sentences; empty if there is none.</summary>
    public IEnumerable<string> Validate()
    {
        if (MaxStreams < 1)
            yield return "Streams.MaxStreams must be 1 or more.";
        if (HistoryBytes < 1)
            yield return "Streams.HistoryBytes must be 1 or more.";
        if (HistoryFrames is < 1 or > 1_000_000)
            yield return "Streams.HistoryFrames must be 1 to 1000000.";
        if (ViewerLagFrames < 1)
            yield return "Streams.ViewerLagFrames must be 1 or more.";
        if (ViewerLagTime <= TimeSpan.Zero)
            yield return "Streams.ViewerLagTime must be more than 0.";
        if (MaxViewersPerStream < 1)
            yield return "Streams.MaxViewersPerStream must be 1 or more.";
        if (LosslessLagFrames < 1 || LosslessLagFrames >= HistoryFrames)
            yield return "Streams.LosslessLagFrames must be 1 or more and less than Streams.HistoryFrames.";
        if (LosslessPatience <= TimeSpan.Zero)
            yield return "Streams.LosslessPatience must be more than 0.";
        if (MaxRunsPerSession < 1)
            yield return "Streams.MaxRunsPerSession must be 1 or more.";
        if (OfflineRetention < TimeSpan.Zero)
            yield return "Streams.OfflineRetention must not be negative.";
    }
}
