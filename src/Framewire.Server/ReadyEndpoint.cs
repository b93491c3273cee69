using Framewire.Server.Access;
using Framewire.Server.Recording;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Framewire.Server;

/// <summary>
/// <c>GET /readyz</c>: 200 while new publishers are welcome here, 503 and the reason in a word while they are not: <c>starting</c>, <c>draining</c>, or
/// <c>disk</c>, when the server is to record and its disk does not take it. For load balancers; no names. Stateless.
/// </summary>
internal static class ReadyEndpoint
{
    public static void MapReady(this IEndpointRouteBuilder routes)
    {
        var lifetime = routes.ServiceProvider.GetRequiredService<IHostApplicationLifetime>();
        var disk = routes.ServiceProvider.GetService<DiskReadiness>();
        routes.MapGet("/readyz", async () =>
        {
            var status = lifetime switch
            {
                { ApplicationStopping.IsCancellationRequested: true } => "draining",
                { ApplicationStarted.IsCancellationRequested: false } => "starting",
                _ => disk is null || await disk.TakesWritesAsync() ? "ready" : "disk",
            };
            return Results.Json(new { status }, statusCode: status == "ready" ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        }).Needs(Right.None);
    }
}
