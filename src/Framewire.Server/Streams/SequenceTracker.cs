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

    /// <summary>0 is no sequence.</summary>
    Invalid,
}

/// <summary>Tells order, duplicates and gaps apart. Pure.</summary>
internal static class SequenceTracker
{
    /// <summary>Judges <paramref name="sequence"/> where <paramref name="received"/> was the highest so far (0: none).</summary>
    public static SequenceVerdict Judge(ulong received, ulong sequence) => sequence switch
    {
        0 => SequenceVerdict.Invalid,
        _ when sequence <= received => SequenceVerdict.Duplicate,
        _ when sequence - received == 1 => SequenceVerdict.Next,
        _ => SequenceVerdict.AfterGap,
    };
}
