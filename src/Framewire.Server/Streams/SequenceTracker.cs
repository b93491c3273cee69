namespace Framewire.Server.Streams;

/// <summary>What a sequence is to a session that has come as far as it has.</summary>
internal enum SequenceVerdict
{
    /// <summary>The one that was due.</summary>
    Next,

    /// <summary>Later than the one that was due: those between were dropped at the edge.</summary>
    AfterGap,

    /// <summary>Here already: a resend, or out of order.</summary>
    Duplicate,

    /// <summary>Earlier than what came last, and not here yet: a lossless publisher fills in what it could not send in time.</summary>
    Backfill,

    /// <summary>0 is no sequence.</summary>
    Invalid,
}

/// <summary>Tells order, duplicates and gaps apart. Pure.</summary>
internal static class SequenceTracker
{
    /// <summary>Judges <paramref name="sequence"/> by how far its session has come.</summary>
    public static SequenceVerdict Judge(StreamSession session, ulong sequence) => sequence switch
    {
        0 => SequenceVerdict.Invalid,
        _ when sequence == session.ReceivedSequence + 1 => SequenceVerdict.Next,
        _ when sequence > session.ReceivedSequence => SequenceVerdict.AfterGap,
        _ when session.IsLossless && !session.Held.Contains(sequence) => SequenceVerdict.Backfill,
        _ => SequenceVerdict.Duplicate,
    };
}
