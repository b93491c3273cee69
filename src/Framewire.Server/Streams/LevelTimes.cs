using System.Diagnostics;
using System.Diagnostics.Metrics;
using Framewire.Protocol.Video;

namespace Framewire.Server.Streams;

/// <summary>
/// How long frames took from having come whole to being received, processed and on disk, of all streams together: a histogram by level. One for a
/// server; any thread; allocates nothing.
/// </summary>
public sealed class LevelTimes
{
    /// <summary>From what a lossless reader in memory costs to an fsync on a disk that is in trouble, seconds.</summary>
    private static readonly double[] Bounds = [0.000_1, 0.000_25, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private static readonly KeyValuePair<string, object?> Received = new("level", "received");
    private static readonly KeyValuePair<string, object?> Processed = new("level", "processed");
    private static readonly KeyValuePair<string, object?> Persisted = new("level", "persisted");

    private readonly Histogram<double> _times;

    private readonly int _traceEvery;

    /// <param name="meter">Where the histogram belongs.</param>
    /// <param name="traceEvery">One frame of so many, of each session, is traced; 0 for none.</param>
    public LevelTimes(Meter meter, int traceEvery = 0) => (_traceEvery, _times) = (traceEvery, meter.CreateHistogram(
        "framewire.ack.duration", "s", "From a frame's having come whole to its ack, by level.", tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = Bounds }));

    /// <summary>A frame that has just come whole: its trace begins, if it is its turn.</summary>
    public Activity? Begin(string stream, StreamSession session, Frame frame, DateTimeOffset receivedAt) =>
        _traceEvery > 0 && frame.Sequence % (ulong)_traceEvery == 0 ? FrameTrace.Begin(stream, session.Id, frame, receivedAt) : null;

    /// <summary>A frame has got so far now.</summary>
    public void Count(HeldLevel level, Frame frame, TimeProvider time)
    {
        if ((!_times.Enabled && frame.Trace is null) || frame.ReceivedAt == default)
            return;
        var now = time.GetUtcNow();
        Count(level, now - frame.ReceivedAt);
        if (frame.Trace is { } trace)
            FrameTrace.Tell(trace, level, frame.ReceivedAt, now);
    }

    /// <summary>A frame took so long to get so far. A clock that was set back makes it nothing.</summary>
    public void Count(HeldLevel level, TimeSpan taken) => _times.Record(Math.Max(0, taken.TotalSeconds), level switch
    {
        HeldLevel.Persisted => Persisted,
        HeldLevel.Processed => Processed,
        _ => Received,
    });
}
