namespace Framewire.Protocol.Video;

/// <summary>Sequences without a hole.</summary>
/// <param name="First">The first one.</param>
/// <param name="Last">The last one, inclusive.</param>
public readonly record struct SequenceRun(ulong First, ulong Last)
{
    /// <summary>How many sequences.</summary>
    public ulong Count => Last - First + 1;

    /// <inheritdoc/>
    public override string ToString() => First == Last ? $"{First}" : $"{First}-{Last}";
}
