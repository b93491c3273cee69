using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using FrameResults = Framewire.Protocol.Video.FrameResults;

namespace Framewire.Server.Recording;

/// <summary>
/// Makes stretches in which something was seen out of single sightings: those of one label, processor and session that are near enough to
/// each other are one finding. Owned by one search; not thread-safe.
/// </summary>
internal sealed class Findings(Sought sought, TimeSpan merge, int most)
{
    /// <summary>The most findings of one search.</summary>
    public const int Most = 10_000;

    private const uint UsualMergeMillis = 1000;

    private readonly long _merge = Micros.Of(merge);
    private readonly Dictionary<(string Label, string Processor, string Session), Finding> _open = [];
    private readonly FindResponse _response = new();
    private long _latest = long.MinValue;

    /// <summary>What is found, by time.</summary>
    /// <param name="results">By time.</param>
    /// <param name="request">What to look for.</param>
    public static FindResponse In(IEnumerable<FrameResults> results, FindRequest request)
    {
        var merge = TimeSpan.FromMilliseconds(request.MergeMillis == 0 ? UsualMergeMillis : request.MergeMillis);
        var findings = new Findings(Sought.In(request), merge, request.MaxFindings is 0 or > Most ? Most : (int)request.MaxFindings);
        foreach (var frame in results)
        {
            if (!findings.Add(frame))
                break;
        }

        // By time already, but for what a clock that often begins in 1970 has put into too many files at once.
        List<Finding> sorted = [.. findings._response.Findings.OrderBy(finding => finding.FromUnixMicros)];
        findings._response.Findings.Clear();
        findings._response.Findings.AddRange(sorted);
        return findings._response;
    }

    /// <summary>Adds a frame's sightings.</summary>
    /// <returns>Whether later ones can change anything: none can, once there are as many findings as may be, and all are over.</returns>
    private bool Add(FrameResults frame)
    {
        var at = Micros.Of(frame.CapturedAt);
        foreach (var result in frame.Results)
        {
            foreach (var seen in result.Detections.Where(detection => sought.Is(result.Processor, detection)).GroupBy(detection => detection.Label, StringComparer.Ordinal))
                Add(frame, at, result.Processor, seen.Key, [.. seen]);
        }

        return !_response.More || at - _latest <= _merge;
    }

    private void Add(FrameResults frame, long at, string processor, string label, IReadOnlyList<Protocol.Video.Detection> seen)
    {
        var key = (label, processor, frame.Session);
        if (!_open.TryGetValue(key, out var finding) || at - finding.UntilUnixMicros > _merge || finding.FromUnixMicros - at > _merge)
        {
            if (_response.Findings.Count == most)
            {
                _response.More = true;
                return;
            }

            finding = Begin(frame, at, processor, label);
            _open[key] = finding;
            _response.Findings.Add(finding);
        }

        finding.FromUnixMicros = Math.Min(finding.FromUnixMicros, at);
        finding.UntilUnixMicros = Math.Max(finding.UntilUnixMicros, at);
        _latest = Math.Max(_latest, at);
        // Frames are by time here, which is not the order of their sequences if there are B-frames.
        finding.FirstSequence = Math.Min(finding.FirstSequence, frame.Sequence);
        finding.LastSequence = Math.Max(finding.LastSequence, frame.Sequence);
        finding.Frames++;
        finding.Most = Math.Max(finding.Most, (uint)seen.Count);
        if (seen.Max(detection => detection.Score) is var score && (score > finding.MaxScore || finding.BestSequence == 0))
            (finding.MaxScore, finding.BestSequence) = (score, frame.Sequence);
    }

    private static Finding Begin(FrameResults frame, long at, string processor, string label) => new()
    {
        Label = label,
        Processor = processor,
        Session = frame.Session,
        FromUnixMicros = at,
        UntilUnixMicros = at,
        FirstSequence = frame.Sequence,
        LastSequence = frame.Sequence,
    };
}
