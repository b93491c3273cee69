using Framewire.Protocol.Video;

namespace Framewire.Protocol.Log;

/// <summary>Counts what is in a segment while it is written or read, in the order of the file. Not thread-safe.</summary>
internal sealed class SegmentContents
{
    private readonly SequenceSet _sequences = new();
    private readonly List<LogGap> _gaps = [];
    private readonly ResultSums _results = new();

    public ulong FirstSequence => _sequences.First ?? 0;

    public ulong LastSequence => _sequences.Last ?? 0;

    public DateTimeOffset FirstCapturedAt { get; private set; }

    public DateTimeOffset LastCapturedAt { get; private set; }

    public long Frames { get; private set; }

    /// <summary>Frames whose results there are.</summary>
    public long Results => _results.Frames;

    public IReadOnlyList<LogGap> Gaps => _gaps;

    public IReadOnlyList<SequenceRun> Runs => _sequences.Runs;

    public void AddFrame(ulong sequence, DateTimeOffset capturedAt)
    {
        FirstCapturedAt = Frames == 0 || capturedAt < FirstCapturedAt ? capturedAt : FirstCapturedAt;
        LastCapturedAt = Frames == 0 || capturedAt > LastCapturedAt ? capturedAt : LastCapturedAt;
        Frames++;
        _sequences.Add(sequence);
    }

    public void AddGap(LogGap gap) => _gaps.Add(gap);

    public void AddResults(FrameResults results) => _results.Add(results);

    /// <summary>As it is now.</summary>
    public SegmentSummary Summary(SegmentHeader header, long bytes, bool isClosed, IEnumerable<string> damage) => new()
    {
        Header = header,
        FirstSequence = FirstSequence,
        LastSequence = LastSequence,
        FirstCapturedAt = FirstCapturedAt,
        LastCapturedAt = LastCapturedAt,
        Frames = Frames,
        Bytes = bytes,
        Gaps = [.. _gaps],
        Runs = [.. Runs],
        Results = _results.Summary(),
        IsClosed = isClosed,
        Damage = [.. damage],
    };
}
