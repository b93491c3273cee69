namespace Framewire.Bench.Load;

/// <summary>What a load generator speaks.</summary>
internal enum LoadKind
{
    /// <summary><c>video.Analyse</c>, which every server here knows.</summary>
    Analyse,

    /// <summary><c>framewire.v1.Ingest/Publish</c>.</summary>
    Publish,

    /// <summary>Raw TCP: see <see cref="RawTcp"/>.</summary>
    Tcp,

    /// <summary><c>framewire.v1.Viewing/Watch</c>: each of the streams is a viewer of the same one, which somebody else publishes.</summary>
    Watch,

    /// <summary>Publish, but one frame only, and heartbeats.</summary>
    Idle,
}

/// <summary>What a load generator is to do: one line of JSON on its standard input. Immutable.</summary>
/// <param name="Kind">What it speaks.</param>
/// <param name="Server">Where.</param>
/// <param name="ServerProcess">The server's process, whose processor time and memory it reads at the window's two ends.</param>
/// <param name="Streams">How many streams, their phases spread evenly.</param>
/// <param name="Bytes">Of each frame.</param>
/// <param name="FramesPerSecond">Of each stream.</param>
/// <param name="Seconds">How long the window is in which frames count.</param>
internal sealed record LoadPlan(LoadKind Kind, Uri Server, int ServerProcess, int Streams, int Bytes, double FramesPerSecond, double Seconds)
{
    /// <summary>What a connection takes beside others, with room: our server's limit is 100.</summary>
    private const int MostOnOne = 90;

    /// <summary>The stream that is watched.</summary>
    public string Stream { get; init; } = "load";

    /// <summary>How long it runs before the window begins.</summary>
    public double WarmUpSeconds { get; init; } = 0.5;

    /// <summary>Shared by the streams; raw TCP has one for each.</summary>
    public int Connections => Math.Max(Math.Min(Streams, 8), (Streams + MostOnOne - 1) / MostOnOne);
}

/// <summary>What a load generator found: one line of JSON on its standard output. Immutable.</summary>
internal sealed record LoadResult
{
    /// <summary>Frames due in the window, or deliveries due to all viewers.</summary>
    public long Offered { get; init; }

    /// <summary>Those of them that were acknowledged, or delivered, until a second after it.</summary>
    public long Acked { get; init; }

    /// <summary>From when a frame was due to its ack; for viewers from its capture to its delivery. Microseconds.</summary>
    public double P50 { get; init; }

    public double P99 { get; init; }

    public double P999 { get; init; }

    /// <summary>The window.</summary>
    public double Seconds { get; init; }

    /// <summary>Processor time of the server in the window, seconds.</summary>
    public double ServerCpu { get; init; }

    /// <summary>Of the load generator itself.</summary>
    public double LoadCpu { get; init; }

    /// <summary>By how much the server's memory has grown since before the first stream.</summary>
    public long ServerGrowth { get; init; }

    /// <summary>What broke; null if nothing did.</summary>
    public string? Failure { get; init; }

    /// <summary>Cores that the server kept busy.</summary>
    public double ServerCores => ServerCpu / Seconds;

    /// <summary>Processor time of the server for each frame, microseconds.</summary>
    public double ServerMicros => ServerCpu * 1e6 / Math.Max(1, Acked);

    /// <summary>All but half a percent came through.</summary>
    public bool IsComplete => Failure is null && Acked >= 0.995 * Offered;
}
