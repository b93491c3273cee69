using System.Text;
using Framewire.Protocol.Wire;
using Framewire.Server.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Framewire.Server.Wire;

/// <summary>
/// Finds out who asks, before anything is done for him: by a token in <c>authorization</c>, by the page's cookie, by the certificate of his connection. A
/// middleware in front of gRPC and of every path; any number of requests at the same time.
/// </summary>
internal sealed partial class AccessGuard(AccessControl access, AccessOptions options, LoginBook logins, AddressLimits limits, ILogger<AccessGuard> logger)
{
    /// <summary>The page's cookie: strictly for the page itself, and not for its scripts.</summary>
    public const string Cookie = "framewire-login";

    /// <summary>Stands in front of everything behind it.</summary>
    public static void Use(IApplicationBuilder app)
    {
        var guard = ActivatorUtilities.CreateInstance<AccessGuard>(app.ApplicationServices);
        app.Use(next => context => guard.AnswerAsync(context, next));
    }

    private Task AnswerAsync(HttpContext context, RequestDelegate next)
    {
        var address = context.Connection.RemoteIpAddress;
        if (!limits.TryCall(address))
            return RefuseAsync(context, StatusCodes.Status429TooManyRequests, "Too many calls from this address; wait a moment.");
        var caller = options.IsOpen ? Caller.Everybody : Find(context);
        context.Features.Set(caller);
        // gRPC has no endpoints: its dispatcher asks for itself.
        if (context.GetEndpoint() is not RouteEndpoint endpoint)
            return next(context);
        if (endpoint.Metadata.GetMetadata<RequiredRight>() is not { Right: var right })
            return RefuseAsync(context, StatusCodes.Status403Forbidden, "Nobody may ask for this.");
        return caller.Refusal(right) is { } refusal
            ? RefuseAsync(context, caller.IsSignedIn ? StatusCodes.Status403Forbidden : StatusCodes.Status401Unauthorized, refusal.Message)
            : next(context);
    }

    private Caller Find(HttpContext context)
    {
        if (TokenIn(context.Request.Headers.Authorization.ToString()) is { } token)
            return Checked(context, access.FindByToken(token));
        if (context.Request.Cookies.TryGetValue(Cookie, out var secret) && logins.Find(secret) is { } login)
            return login;
        if (context.Connection.ClientCertificate is { } certificate && access.FindByCertificate(certificate.RawDataMemory.Span) is { } known)
            return Checked(context, known);
        return Caller.Nobody(AccessControl.Missing);
    }

    /// <summary>Says in the log that somebody came with credentials that do not hold: never which.</summary>
    private Caller Checked(HttpContext context, Caller caller)
    {
        if (!caller.IsSignedIn && limits.TryFail(context.Connection.RemoteIpAddress))
            Log.Refused(logger, context.Connection.RemoteIpAddress?.ToString() ?? "here", caller.WhyEnded);
        return caller;
    }

    /// <summary>A token as gRPC clients, <c>curl</c> and Prometheus send it, or as the password of a user of any name, for players that know nothing else.</summary>
    internal static string? TokenIn(string authorization)
    {
        const string Bearer = "Bearer ", Basic = "Basic ";
        if (authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
            return authorization[Bearer.Length..].Trim();
        if (!authorization.StartsWith(Basic, StringComparison.OrdinalIgnoreCase))
            return authorization.Length == 0 ? null : "";
        var decoded = new byte[authorization.Length];
        return Convert.TryFromBase64String(authorization[Basic.Length..].Trim(), decoded, out var length)
            ? Encoding.UTF8.GetString(decoded, 0, length).Split(':', 2)[^1]
            : "";
    }

    private static Task RefuseAsync(HttpContext context, int status, string why)
    {
        if (ContentType.IsGrpc(context.Request.ContentType))
        {
            // Trailers-Only: all of the answer is in the headers.
            context.Response.ContentType = context.Request.ContentType;
            context.Response.Headers["grpc-status"] = ((int)GrpcStatusCode.ResourceExhausted).ToString(System.Globalization.CultureInfo.InvariantCulture);
            context.Response.Headers["grpc-message"] = why;
            return Task.CompletedTask;
        }

        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        if (status == StatusCodes.Status401Unauthorized)
            context.Response.Headers.WWWAuthenticate = "Bearer realm=\"framewire\"";
        return context.Response.WriteAsync(why + "\n");
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "Refused {Address}: {Why}")]
        public static partial void Refused(ILogger logger, string address, string why);
    }
}
