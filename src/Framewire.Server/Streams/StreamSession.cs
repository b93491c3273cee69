using Framewire.Protocol.Video;

namespace Framewire.Server.Streams;

/// <summary>
/// One publisher's numbering run on a stream: who it is, and how far it has come. Survives reconnects. Its numbers are
/// changed only by <see cref="LiveStream"/> under its lock.
/// </summary>
/// <param name="id">The identifier that the publisher keeps across reconnects.</param>
/// <param name="startedAt">When the publisher began it, by its own clock.</param>
/// <param name="format">What its frames look like.</param>
/// <param name="nextSequence">The lowest sequence that can still come: a server that begins in the middle misses nothing below it.</param>
public sealed class StreamSession(string id, DateTimeOffset startedAt, StreamFormat format, ulong nextSequence = 1)
{
    /// <summary>The identifier that the publisher keeps across reconnects.</summary>
    public string Id { get; } = id;

    /// <summary>When the publisher began it, by its own clock. A later session takes over from an earlier one.</summary>
    public DateTimeOffset StartedAt { get; } = startedAt;

    /// <summary>What its frames look like.</summary>
    public StreamFormat Format { get; } = format;

    /// <summary>The highest sequence received; 0 before the first frame.</summary>
    public ulong ReceivedSequence { get; internal set; }

    /// <summary>Whether its publisher keeps every frame until it is acknowledged: what is missing may still come, behind later ones.</summary>
    public bool IsLossless { get; init; }

    /// <summary>Whether its publisher keeps every frame until it is on disk.</summary>
    public bool IsKeptUntilPersisted { get; init; }

    /// <summary>What need not come again: received, and in the hands of every lossless reader.</summary>
    internal SequenceSet Held { get; private set; } = new();

    /// <summary>What is on disk, after an fsync.</summary>
    internal SequenceSet Persisted { get; } = new();

    /// <summary>What every processor has answered, of a lossless session.</summary>
    internal SequenceSet Processed { get; } = new();

    /// <summary>Takes in what is known of the session from before this server began.</summary>
    internal void Remember(SequenceSet persisted)
    {
        foreach (var run in persisted.Runs)
        {
            Persisted.Add(run);
            Held.Add(run);
        }

        ReceivedSequence = Math.Max(ReceivedSequence, persisted.Last ?? 0);
        AccountedSequence = Math.Max(AccountedSequence, ReceivedSequence);
    }

    /// <summary>What was received but is not on disk may come again: whoever was to write it has failed.</summary>
    internal void HoldOnlyPersisted() => Held = new SequenceSet(Persisted.Runs);

    /// <summary>The highest sequence received or told to be missing.</summary>
    internal ulong AccountedSequence { get; set; } = Math.Max(nextSequence, 1) - 1;

    /// <summary>Frames received.</summary>
    public ulong Frames { get; internal set; }

    /// <summary>Bytes of payload received.</summary>
    public ulong Bytes { get; internal set; }

    /// <summary>Copies of frames that were here already.</summary>
    public ulong Duplicates { get; internal set; }

    /// <summary>Sequences that never came.</summary>
    public ulong Missing { get; internal set; }

    /// <summary>Frames refused.</summary>
    public ulong Rejected { get; internal set; }
}
