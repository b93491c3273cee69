using System.Text.Json;
using Framewire.Server.Access;
using Framewire.Server.Streams;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Framewire.Server.Viewing;

/// <summary><c>GET /streams</c>: the list of streams as plain JSON, for people and scripts. Stateless.</summary>
internal static class StreamsEndpoint
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
    };

    public static void MapStreams(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/streams", (StreamRegistry streams, HttpRequest request) => Results.Json(
            streams.Published.Where(stream => request.Caller().May(Right.Watch, stream.Name)).Select(stream => Describe(stream.Status())), Json)).Needs(Right.Watch);

    private static object Describe(LiveStreamStatus status) => new
    {
        status.Name,
        Online = status.OfflineSince is null,
        status.OfflineSince,
        status.Complete,
        Session = status.Session?.Id,
        Codec = status.Session?.Format.Codec.ToString().ToLowerInvariant(),
        status.Session?.Format.Width,
        status.Session?.Format.Height,
        FrameRate = Math.Round(status.FrameRate, 2),
        BitRate = Math.Round(status.BitRate),
        LastSequence = status.Session?.ReceivedSequence ?? 0,
        Frames = status.Session?.Frames ?? 0,
        Bytes = status.Session?.Bytes ?? 0,
        Duplicates = status.Session?.Duplicates ?? 0,
        Missing = status.Session?.Missing ?? 0,
        Rejected = status.Session?.Rejected ?? 0,
        status.Viewers,
        Recording = status.Recording.State == RecordingState.Active,
        RecordingError = status.Recording.Error,
        status.LastCapturedAt,
        status.LastReceivedAt,
        status.Peer,
        status.Agent,
        Report = status.Report is { } report ? Describe(report) : null,
        Processors = status.Processors.Select(Describe),
    };

    private static object Describe(ProcessorState processor) => new
    {
        processor.Name,
        Attached = processor.IsAttached,
        processor.Instances,
        processor.EveryFrame,
        processor.Counts.Done,
        processor.Counts.Skipped,
        processor.Counts.Failed,
        LatencyP50Ms = processor.Counts.P50.TotalMilliseconds,
        LatencyP99Ms = processor.Counts.P99.TotalMilliseconds,
        processor.Error,
    };

    private static object Describe(PublisherReport report) => new
    {
        report.Captured,
        report.Acked,
        report.Waiting,
        Drops = report.Drops.ToDictionary(drop => JsonNamingPolicy.SnakeCaseLower.ConvertName(drop.Key.ToString()), drop => drop.Value),
        AckP50Ms = report.AckP50.TotalMilliseconds,
        AckP99Ms = report.AckP99.TotalMilliseconds,
        QueueP50Ms = report.QueueP50.TotalMilliseconds,
        ClockOffsetMs = report.ClockOffset.TotalMilliseconds,
    };
}
