using Framewire.Server.Access;
using Framewire.Server.Processing;
using Framewire.Server.Streams;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace Framewire.Server;

/// <summary><c>GET /healthz</c>: 200 while the server takes frames, with the streams that it should record and cannot, and the processors that are not at work; 503 once it is about to stop. Stateless.</summary>
internal static class HealthEndpoint
{
    public static void MapHealth(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/healthz", (StreamRegistry streams, ProcessorRegistry processors, IHostApplicationLifetime lifetime, HttpRequest request) =>
        {
            var draining = lifetime.ApplicationStopping.IsCancellationRequested;
            var all = streams.Published;
            var stopped = all.Where(stream => stream.Recording.State == RecordingState.Stopped).ToDictionary(stream => stream.Name, stream => stream.Recording.Error);
            var troubles = processors.Troubles();
            var mayKnow = request.Caller().May(Right.Admin);
            return Results.Json(
                new
                {
                    status = draining ? "draining" : stopped.Count + troubles.Count > 0 ? "degraded" : "ok",
                    streams = all.Count,
                    online = all.Count(stream => stream.Status().OfflineSince is null),
                    // Names are not for everybody.
                    notRecorded = mayKnow ? stopped : null,
                    processors = mayKnow ? processors.Instances() : null,
                    notProcessing = mayKnow ? troubles : null,
                },
                statusCode: draining ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK);
        }).Needs(Right.None);
}
