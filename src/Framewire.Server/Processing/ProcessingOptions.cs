using Framewire.Protocol.Video;

namespace Framewire.Server.Processing;

/// <summary>Who processes frames, and what processors may take.</summary>
public sealed record ProcessingOptions
{
    /// <summary>
    /// The processors in this program, and their streams: <c>NAME=PATTERN</c>, or <c>NAME</c> for every stream, with commas between; a name
    /// may stand several times. Empty for none.
    /// </summary>
    public string Processors { get; init; } = "";

    /// <summary>Whether these are to have every frame of lossless sessions, whose publishers then wait for them; else the newest ones.</summary>
    public bool EveryFrame { get; init; }

    /// <summary>Processors known at once, attached or not. One more is refused.</summary>
    public int MaxProcessors { get; init; } = 64;

    /// <summary>Instances of one processor. One more is refused.</summary>
    public int MaxInstances { get; init; } = 64;

    /// <summary>How long lossless sessions wait for a processor that is to have every frame and has crashed; then they go on without it.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a processor may take for a frame before it is given up.</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a call may take to say which processor it is.</summary>
    public TimeSpan AttachTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Something is said to each processor at least this often.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The processors, one by one, each with its patterns.</summary>
    internal IEnumerable<(string Name, IReadOnlyList<string> Streams)> Chosen =>
        Words.GroupBy(word => word.Split('=')[0].Trim(), StringComparer.Ordinal).Select(group => (group.Key, (IReadOnlyList<string>)[.. group.Select(PatternIn)]));

    private string[] Words => Processors.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Every mistake in these options, as sentences; empty if there is none.</summary>
    public IEnumerable<string> Validate()
    {
        foreach (var word in Words.Where(word => !StreamName.TryParse(word.Split('=')[0].Trim(), out _) || PatternIn(word).Length == 0))
            yield return $"Processing.Processors has '{word}', which is not NAME or NAME=PATTERN, such as motion=cam-*.";
        if (MaxProcessors < 1 || MaxInstances < 1)
            yield return "Processing.MaxProcessors and Processing.MaxInstances must be 1 or more.";
        if (Patience <= TimeSpan.Zero || AnswerTimeout <= TimeSpan.Zero || AttachTimeout <= TimeSpan.Zero || HeartbeatInterval <= TimeSpan.Zero)
            yield return "Processing.Patience, AnswerTimeout, AttachTimeout and HeartbeatInterval must be more than 0.";
    }

    private static string PatternIn(string word) => word.Contains('=', StringComparison.Ordinal) ? word[(word.IndexOf('=', StringComparison.Ordinal) + 1)..].Trim() : "*";
}
