using Framewire.Protocol.Video;

namespace Framewire.Protocol.Log;

/// <summary>Sums up the results of a segment while it is written or read. A processor that invents labels does not make it grow. Not thread-safe.</summary>
internal sealed class ResultSums
{
    private readonly Dictionary<(string Processor, string Label), int> _places = [];
    private readonly List<LabelSum> _labels = [];
    private DateTimeOffset _first;
    private DateTimeOffset _last;
    private bool _hasMore;

    /// <summary>Frames.</summary>
    public long Frames { get; private set; }

    /// <summary>One frame more.</summary>
    public void Add(FrameResults results)
    {
        _first = Frames == 0 || results.CapturedAt < _first ? results.CapturedAt : _first;
        _last = Frames == 0 || results.CapturedAt > _last ? results.CapturedAt : _last;
        Frames++;
        foreach (var result in results.Results)
        {
            foreach (var label in result.Detections.GroupBy(detection => detection.Label, StringComparer.Ordinal))
                Add(result.Processor, label.Key, label.Max(detection => float.IsFinite(detection.Score) ? detection.Score : 0));
        }
    }

    /// <summary>As it is now.</summary>
    public SegmentResults Summary() => Frames == 0 ? SegmentResults.None : new SegmentResults
    {
        Frames = Frames,
        FirstCapturedAt = _first,
        LastCapturedAt = _last,
        Labels = [.. _labels],
        HasMoreLabels = _hasMore,
    };

    private void Add(string processor, string label, float score)
    {
        if (_places.TryGetValue((processor, label), out var at))
            _labels[at] = _labels[at] with { Frames = _labels[at].Frames + 1, MaxScore = Math.Max(_labels[at].MaxScore, score) };
        else if (_labels.Count == SegmentResults.MaxLabels)
            _hasMore = true;
        else
        {
            _places[(processor, label)] = _labels.Count;
            _labels.Add(new LabelSum(processor, label, 1, score));
        }
    }
}
