using Framewire.Protocol.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Framewire.Server.Wire;

/// <summary>
/// Where gRPC calls leave the web server's pipeline: a middleware that hands them to the dispatcher and passes everything else on. Any number of requests at the same time.
/// </summary>
/// <remarks>Not routing: that compares paths without case, unescapes %6C and forgives a slash at the end, and a path that means two things is a hole.</remarks>
public static class GrpcEndpoints
{
    private static readonly string[] ConnectionHeaders = ["Transfer-Encoding", "Connection", "Keep-Alive", "Upgrade", "Proxy-Connection"];

    /// <summary>Answers gRPC calls with <paramref name="dispatcher"/>, and drains it when the host stops.</summary>
    public static IApplicationBuilder UseWire(this IApplicationBuilder app, CallDispatcher dispatcher, TransportOptions options)
    {
        var lifetime = app.ApplicationServices.GetRequiredService<IHostApplicationLifetime>();
        lifetime.ApplicationStopping.Register(() => _ = dispatcher.DrainAsync(options.DrainTimeout));
        return app.Use(next => context => AnswerAsync(context, next, dispatcher));
    }

    private static Task AnswerAsync(HttpContext context, RequestDelegate next, CallDispatcher dispatcher)
    {
        var path = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        var form = ContentType.FormOf(context.Request.ContentType);
        if (form is GrpcForm.None && !dispatcher.Services.Contains(path))
            return next(context);
        if (Refusal(context, form) is { } status)
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        }
        Unbind(context);
        var exchange = new HttpContextExchange(context, path);
        return dispatcher.RunAsync(form is GrpcForm.Http2 ? exchange : new GrpcWebExchange(exchange, form));
    }

    /// <summary>The HTTP status for what is not gRPC at all; null if it is.</summary>
    private static int? Refusal(HttpContext context, GrpcForm form)
    {
        if (!HttpProtocol.IsHttp2(context.Request.Protocol) && form is GrpcForm.Http2)
            return StatusCodes.Status426UpgradeRequired;
        if (IsMalformed(context.Request))
            return StatusCodes.Status400BadRequest;
        if (context.Request.Method != HttpMethods.Post)
            return StatusCodes.Status405MethodNotAllowed;
        return form is GrpcForm.None ? StatusCodes.Status415UnsupportedMediaType : null;
    }

    /// <summary>RFC 9113 section 8.2.2: an HTTP/2 request with headers about its connection is malformed; Kestrel lets some of them by.</summary>
    internal static bool IsMalformed(HttpRequest request) => HttpProtocol.IsHttp2(request.Protocol) && ConnectionHeaders.Any(request.Headers.ContainsKey);

    /// <summary>A call may last for days and be silent for a while: it has limits of its own, on messages and on silence.</summary>
    private static void Unbind(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = null;
        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
            rate.MinDataRate = null;
    }
}
