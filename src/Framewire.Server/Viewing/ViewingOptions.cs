namespace Framewire.Server.Viewing;

/// <summary>How frames are handed out.</summary>
public sealed record ViewingOptions
{
    /// <summary>Something is said to each viewer at least this often.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Every mistake in these options, as sentences; empty if there is none.</summary>
    public IEnumerable<string> Validate()
    {
        if (HeartbeatInterval <= TimeSpan.Zero)
            yield return "Viewing.HeartbeatInterval must be more than 0.";
    }
}
