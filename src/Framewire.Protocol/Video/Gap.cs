namespace Framewire.Protocol.Video;

/// <summary>Why a frame was discarded on purpose. The numbers are those of <c>framewire.v1.DropReason</c>.</summary>
public enum DropReason
{
    /// <summary>Not said.</summary>
    Unspecified = 0,

    /// <summary>Older than the age limit before it could be sent.</summary>
    Late = 1,

    /// <summary>Young enough, but passed over for a newer frame while the publisher, or a viewer, caught up.</summary>
    Superseded = 2,

    /// <summary>The memory for waiting frames was full.</summary>
    Overflow = 3,

    /// <summary>A delta frame whose keyframe, or a delta before it, was dropped: nobody could decode it.</summary>
    AwaitingKeyframe = 4,

    /// <summary>Grew too old while there was no connection to the server.</summary>
    Disconnected = 5,

    /// <summary>The server refused it for good.</summary>
    Rejected = 6,

    /// <summary>The publisher ended before the frame was acknowledged.</summary>
    Abandoned = 7,

    /// <summary>The disk for frames that wait was full, or had as much of them as it may.</summary>
    SpoolFull = 8,

    /// <summary>Waited on the publisher's disk for longer than it may.</summary>
    SpoolExpired = 9,

    /// <summary>The publisher's machine lost its power before the frame was safe on disk; perhaps it was never captured: nobody can tell.</summary>
    PowerLost = 10,

    /// <summary>Came to the server while it could not record.</summary>
    NotRecorded = 11,

    /// <summary>Could not be read back from the publisher's disk.</summary>
    SpoolDamaged = 12,

    /// <summary>The processors had not answered it when the memory for that was full.</summary>
    NotProcessed = 13,
}

/// <summary>A run of sequences that will never come, and why.</summary>
/// <param name="First">The first sequence of the run.</param>
/// <param name="Last">The last sequence of the run, inclusive.</param>
/// <param name="Reason">Why they were dropped.</param>
public readonly record struct Gap(ulong First, ulong Last, DropReason Reason)
{
    /// <summary>How many sequences.</summary>
    public ulong Count => Last - First + 1;
}
