namespace Framewire.Server.Viewing;

/// <summary>How frames are handed out.</summary>
public sealed record ViewingOptions
{
    /// <summary>Something is said to each viewer at least this often.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a snapshot may wait for the newest picture; then an older one has to do.</summary>
    public TimeSpan SnapshotTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long after it came a frame may wait for its results before it goes to viewers that want them, without.</summary>
    public TimeSpan ResultPatience { get; init; } = TimeSpan.FromMilliseconds(600);

    /// <summary>Other sites whose pages may read streams in a browser, such as <c>https://home.example</c>, with commas between; empty for none.</summary>
    public string AllowedOrigins { get; init; } = "";

    /// <summary>The sites, one by one.</summary>
    internal IReadOnlyList<string> Origins => AllowedOrigins.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Every mistake in these options, as sentences; empty if there is none.</summary>
    public IEnumerable<string> Validate()
    {
        if (HeartbeatInterval <= TimeSpan.Zero)
            yield return "Viewing.HeartbeatInterval must be more than 0.";
        if (SnapshotTimeout <= TimeSpan.Zero)
            yield return "Viewing.SnapshotTimeout must be more than 0.";
        if (ResultPatience <= TimeSpan.Zero)
            yield return "Viewing.ResultPatience must be more than 0.";
        foreach (var origin in Origins.Where(origin => !IsOrigin(origin)))
            yield return $"Viewing.AllowedOrigins has '{origin}', which is no origin: give a scheme and a host without a path, such as https://home.example.";
    }

    private static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme is "http" or "https") && uri.GetLeftPart(UriPartial.Authority) == text;
}
