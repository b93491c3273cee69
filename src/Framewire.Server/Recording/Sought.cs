using Framewire.Protocol.Log;
using Framewire.Protocol.V1;
using Detection = Framewire.Protocol.Video.Detection;

namespace Framewire.Server.Recording;

/// <summary>What somebody looks for among results. Immutable.</summary>
/// <param name="Label">What it is called; empty for anything.</param>
/// <param name="Processor">Who saw it; empty for anyone.</param>
/// <param name="MinScore">The lowest score of interest; null for any.</param>
internal sealed record Sought(string Label, string Processor, float? MinScore)
{
    /// <summary>From a request.</summary>
    public static Sought In(FindRequest request) => new(request.Label, request.Processor, request.HasMinScore ? request.MinScore : null);

    /// <summary>Whether a detection of a processor is meant.</summary>
    public bool Is(string processor, Detection detection) => Is(processor, detection.Label, detection.Score);

    /// <summary>Whether a file may have it.</summary>
    public bool MayBeIn(SegmentResults results) => results.HasMoreLabels || results.Labels.Any(sum => Is(sum.Processor, sum.Label, sum.MaxScore));

    private bool Is(string processor, string label, float score) =>
        (Label.Length == 0 || Label == label) && (Processor.Length == 0 || Processor == processor) && (MinScore is null || score >= MinScore);
}
