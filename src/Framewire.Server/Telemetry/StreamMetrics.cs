using System.Diagnostics.Metrics;
using System.Text.Json;
using Framewire.Protocol.Video;
using Framewire.Server.Streams;

namespace Framewire.Server.Telemetry;

/// <summary>
/// The instruments of the streams, what publishers say and processors do included. They cost nothing until somebody asks: then the streams are looked at once
/// for all of them, and those that are forgotten are gone. One for a server; any thread.
/// </summary>
internal sealed class StreamMetrics
{
    /// <summary>How old what the streams said may be: instruments are asked one after the other.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromMilliseconds(50);

    private static readonly Dictionary<DropReason, string> Reasons =
        Enum.GetValues<DropReason>().ToDictionary(reason => reason, reason => JsonNamingPolicy.SnakeCaseLower.ConvertName(reason.ToString()));

    private readonly Lock _lock = new();
    private readonly StreamRegistry _streams;
    private readonly TimeProvider _time;
    private readonly Meter _meter;
    private IReadOnlyList<LiveStreamStatus> _seen = [];
    private long _seenAt;

    public StreamMetrics(Meter meter, StreamRegistry streams, TimeProvider time)
    {
        (_meter, _streams, _time) = (meter, streams, time);
        AddStreams();
        AddPublishers();
        AddProcessors();
    }

    /// <summary>Looks again at the next question, however lately it has.</summary>
    public void Refresh()
    {
        lock (_lock)
            _seenAt = 0;
    }

    private void AddStreams()
    {
        Count("framewire.stream.frames", "", "Frames that came, by what became of them: received, duplicate or rejected.", stream =>
        [
            new((long)stream.Counts.Frames, Of(stream), new("outcome", "received")),
            new((long)stream.Counts.Duplicates, Of(stream), new("outcome", "duplicate")),
            new((long)stream.Counts.Rejected, Of(stream), new("outcome", "rejected")),
        ]);
        Count("framewire.stream", "By", "Bytes of payload received.", stream => [new((long)stream.Counts.Bytes, Of(stream))]);
        Level("framewire.stream.missing", "", "Frames of the session that never came: dropped by the publisher, or not sent yet.", stream => stream.Session?.Missing ?? 0);
        Level("framewire.stream.online", "", "Whether the stream has a publisher: 1 or 0.", stream => stream.OfflineSince is null ? 1 : 0);
        Level("framewire.stream.viewers", "", "Viewers now, those of its other forms included.", stream => stream.Viewers);
        Level("framewire.stream.frame.age", "s", "How long ago the newest frame was captured, by the publisher's clock.", stream =>
            stream.LastCapturedAt is { } at ? (_time.GetUtcNow() - at).TotalSeconds : null);
        Level("framewire.stream.recording", "", "Whether frames go to disk: 1, or 0 if they should and cannot. Absent if nobody was asked to record.", stream =>
            stream.Recording.State switch { RecordingState.Active => 1, RecordingState.Stopped => 0, _ => null });
        _meter.CreateObservableGauge(
            "framewire.streams", () => (Measurement<long>[])
            [
                new(Seen().Count(stream => stream.OfflineSince is null), new KeyValuePair<string, object?>("state", "online")),
                new(Seen().Count(stream => stream.OfflineSince is not null), new KeyValuePair<string, object?>("state", "offline")),
            ],
            "", "Streams that have had a publisher, by whether they have one now.");
    }

    private void AddPublishers()
    {
        Count("framewire.publisher.captured", "", "Frames of the session that the publisher has captured, as it says.", stream => Said(stream, report => report.Captured));
        Count("framewire.publisher.acked", "", "Frames of the session that were acknowledged to it, as it says.", stream => Said(stream, report => report.Acked));
        Count("framewire.publisher.dropped", "", "Frames of the session that the publisher has dropped, by reason, as it says.", Drops);
        Level("framewire.publisher.waiting", "", "Frames queued, spooled or in flight at the publisher.", stream => stream.Report?.Waiting);
        Level("framewire.publisher.clock.offset", "s", "This server's clock minus the publisher's.", stream => stream.Report?.ClockOffset.TotalSeconds);
        Level("framewire.publisher.queue.duration", "s", "From capturing a frame to sending it, median of the last second.", stream => stream.Report?.QueueP50.TotalSeconds);
        Gauge("framewire.publisher.ack.duration", "s", "From sending a frame to its ack at the publisher, percentiles of the last second.", stream => stream.Report is not { } report
            ? []
            : [new(report.AckP50.TotalSeconds, Of(stream), new("percentile", "50")), new(report.AckP99.TotalSeconds, Of(stream), new("percentile", "99"))]);
    }

    private void AddProcessors()
    {
        Count("framewire.processor.frames", "", "Frames that a processor has done, skipped or failed.", stream => stream.Processors.SelectMany(processor => (Measurement<long>[])
        [
            new((long)processor.Counts.Done, Of(stream), new("processor", processor.Name), new("outcome", "done")),
            new((long)processor.Counts.Skipped, Of(stream), new("processor", processor.Name), new("outcome", "skipped")),
            new((long)processor.Counts.Failed, Of(stream), new("processor", processor.Name), new("outcome", "failed")),
        ]));
        Gauge("framewire.processor.duration", "s", "From receiving a frame to a processor's answer, percentiles of its last 256 answers.", stream => stream.Processors.SelectMany(processor => (Measurement<double>[])
        [
            new(processor.Counts.P50.TotalSeconds, Of(stream), new("processor", processor.Name), new("percentile", "50")),
            new(processor.Counts.P99.TotalSeconds, Of(stream), new("processor", processor.Name), new("percentile", "99")),
        ]));
        Gauge("framewire.processor.working", "", "Whether a processor is at work on a stream: 1, or 0 if it is gone or in trouble.", stream =>
            stream.Processors.Select(processor => new Measurement<double>(processor.IsAttached && processor.Error.Length == 0 ? 1 : 0, Of(stream), new("processor", processor.Name))));
    }

    private static KeyValuePair<string, object?> Of(LiveStreamStatus stream) => new("stream", stream.Name);

    private static Measurement<long>[] Said(LiveStreamStatus stream, Func<PublisherReport, ulong> what) =>
        stream.Report is { } report ? [new((long)what(report), Of(stream))] : [];

    /// <summary>Reasons that this server does not know are one.</summary>
    private static IEnumerable<Measurement<long>> Drops(LiveStreamStatus stream) =>
        (stream.Report?.Drops ?? new Dictionary<DropReason, ulong>()).GroupBy(drop => Reasons.GetValueOrDefault(drop.Key, "other"))
        .Select(same => new Measurement<long>(same.Sum(drop => (long)drop.Value), Of(stream), new("reason", same.Key)));

    private void Count(string name, string unit, string what, Func<LiveStreamStatus, IEnumerable<Measurement<long>>> read) =>
        _meter.CreateObservableCounter(name, () => Seen().SelectMany(read), unit, what);

    private void Gauge(string name, string unit, string what, Func<LiveStreamStatus, IEnumerable<Measurement<double>>> read) =>
        _meter.CreateObservableGauge(name, () => Seen().SelectMany(read), unit, what);

    private void Level(string name, string unit, string what, Func<LiveStreamStatus, double?> read) =>
        Gauge(name, unit, what, stream => read(stream) is { } value ? [new(value, Of(stream))] : []);

    private IReadOnlyList<LiveStreamStatus> Seen()
    {
        lock (_lock)
        {
            if (_seenAt == 0 || _time.GetElapsedTime(_seenAt) > Fresh)
                (_seen, _seenAt) = ([.. _streams.All.Select(stream => stream.Status()).Where(status => status.Session is not null)], _time.GetTimestamp());
            return _seen;
        }
    }
}
