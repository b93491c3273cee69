using Framewire.Protocol.Video;

namespace Framewire.Server.Ingest;

/// <summary>The integer of the seed's contract for what the processors made of a picture. Pure.</summary>
internal static class AnalyseReply
{
    /// <summary>Nobody looked at the picture although somebody should have.</summary>
    public const int NotProcessed = -1;

    /// <summary>There is nobody to look at it, or whoever did has no integer to say.</summary>
    private const int Taken = 1;

    /// <summary>The reply of the first processor, by name, that gave one.</summary>
    public static int Of(IReadOnlyList<FrameResult> results) =>
        results.FirstOrDefault(result => result is { State: ResultState.Done, Reply: not null })?.Reply
        ?? (results.Count == 0 || results.Any(result => result.State == ResultState.Done) ? Taken : NotProcessed);
}
