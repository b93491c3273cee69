using Framewire.Edge.Links;

namespace Framewire.Edge.Doctor;

/// <summary>How a check came out.</summary>
public enum Verdict
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>Not as it should be; the failure says why and what to do.</summary>
    Failed,

    /// <summary>Left out; what was found says why.</summary>
    NotChecked,
}

/// <summary>What one check found. Immutable.</summary>
/// <param name="Check">What was checked, in a word or two.</param>
/// <param name="Verdict">How it came out.</param>
/// <param name="Took">How long it took.</param>
/// <param name="Found">What was found, for people, on one line.</param>
/// <param name="Failure">Why it failed; null unless it did.</param>
public sealed record Finding(string Check, Verdict Verdict, TimeSpan Took, string Found, ConnectFailure? Failure = null);

/// <summary>How an examination goes about it. Immutable.</summary>
public sealed record ExaminationOptions
{
    /// <summary>How long a single check may take.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>For how long to be quiet, to see whether something between cuts connections that are.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Leaves out what takes long or sends much: throughput, the limit of messages, idleness.</summary>
    public bool Quick { get; init; }
}
