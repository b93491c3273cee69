using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Framewire.Edge;
using Framewire.Protocol.Video;

namespace Framewire.Cli;

/// <summary>A publisher's numbers for people, on one line, and for programs, as one JSON object. Pure.</summary>
internal static class PublishReport
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DictionaryKeyPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>The status line: what happened since <paramref name="before"/>, and the totals.</summary>
    public static string Line(PublisherSnapshot now, PublisherSnapshot before, bool connected)
    {
        var seconds = Math.Max(0.001, (now.Elapsed - before.Elapsed).TotalSeconds);
        var fps = (now.Acked - before.Acked) / seconds;
        var megabytes = (now.Bytes - before.Bytes) / seconds / 1e6;
        var link = connected ? "" : "offline  ";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{link}{fps:0.0} fps  {megabytes:0.00} MB/s  ack p50 {now.AckMilliseconds.P50:0.0} p99 {now.AckMilliseconds.P99:0.0} ms  in flight {now.InFlight}  acked {now.Acked}/{now.Captured}  {Spooled(now)}{Dropped(now)}");
    }

    /// <summary>The whole run in one line.</summary>
    public static string Summary(PublisherSnapshot s) => string.Create(
        CultureInfo.InvariantCulture,
        $"{s.Captured} frames captured, {s.Acked} acknowledged, {Dropped(s)}, {s.Bytes / 1e6:0.0} MB in {s.Elapsed.TotalSeconds:0.0} s; ack round trip p50 {s.AckMilliseconds.P50:0.0} ms, p99 {s.AckMilliseconds.P99:0.0} ms, max {s.AckMilliseconds.Max:0.0} ms{Processed(s)}{Persisted(s)}; {s.Reconnects} reconnects, {s.Duplicates} duplicates");

    /// <summary>One JSON object. <c>captured</c> always equals <c>acked</c> + all of <c>dropped</c> + <c>queued</c> + <c>spooled</c> + <c>in_flight</c>.</summary>
    public static string ToJson(PublisherSnapshot s) => JsonSerializer.Serialize(
        new
        {
            s.Captured,
            s.Sent,
            s.Acked,
            Dropped = s.Dropped.ToDictionary(pair => Name(pair.Key), pair => pair.Value),
            s.Queued,
            s.Spooled,
            s.InFlight,
            s.Duplicates,
            s.Reconnects,
            s.Bytes,
            Seconds = Math.Round(s.Elapsed.TotalSeconds, 3),
            AckMs = new
            {
                P50 = Math.Round(s.AckMilliseconds.P50, 3),
                P99 = Math.Round(s.AckMilliseconds.P99, 3),
                Max = Math.Round(s.AckMilliseconds.Max, 3),
            },
            PersistMs = new
            {
                P50 = Math.Round(s.PersistMilliseconds.P50, 3),
                P99 = Math.Round(s.PersistMilliseconds.P99, 3),
                Max = Math.Round(s.PersistMilliseconds.Max, 3),
            },
            ProcessMs = new
            {
                P50 = Math.Round(s.ProcessMilliseconds.P50, 3),
                P99 = Math.Round(s.ProcessMilliseconds.P99, 3),
                Max = Math.Round(s.ProcessMilliseconds.Max, 3),
            },
            ClockOffsetMs = s.ClockOffset is { } offset ? Math.Round(offset.TotalMilliseconds, 3) : (double?)null,
        },
        Json);

    private static string Processed(PublisherSnapshot s) => s.ProcessMilliseconds.Max == 0
        ? ""
        : string.Create(CultureInfo.InvariantCulture, $", to the processors' answer p50 {s.ProcessMilliseconds.P50:0.0} ms, p99 {s.ProcessMilliseconds.P99:0.0} ms");

    private static string Persisted(PublisherSnapshot s) => s.PersistMilliseconds.Max == 0
        ? ""
        : string.Create(CultureInfo.InvariantCulture, $", to the server's disk p50 {s.PersistMilliseconds.P50:0} ms, p99 {s.PersistMilliseconds.P99:0} ms");

    private static string Spooled(PublisherSnapshot s) => s.Spooled == 0 ? "" : $"{s.Spooled} spooled  ";

    private static string Dropped(PublisherSnapshot s) => s.DroppedTotal == 0
        ? "0 dropped"
        : $"{s.DroppedTotal} dropped ({string.Join(", ", s.Dropped.Select(pair => $"{Name(pair.Key)} {pair.Value}"))})";

    private static string Name(DropReason reason) => JsonNamingPolicy.SnakeCaseLower.ConvertName(reason.ToString());
}
