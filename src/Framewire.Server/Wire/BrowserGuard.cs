using Framewire.Protocol.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Framewire.Server.Wire;

/// <summary>
/// What browsers are told with every answer, and what they are refused: no foreign script, no frame around the page, and no word to another
/// site's page, unless the settings name that site. A middleware; any number of requests at the same time.
/// </summary>
internal static class BrowserGuard
{
    // Everything comes from the server itself, and nothing is written into the page as code or style.
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Guards everything that comes behind it.</summary>
    /// <param name="app">The pipeline.</param>
    /// <param name="allowedOrigins">Other sites whose pages may read, such as <c>https://home.example</c>.</param>
    public static IApplicationBuilder UseBrowserGuard(this IApplicationBuilder app, IReadOnlyCollection<string> allowedOrigins)
    {
        if (allowedOrigins.Count > 0)
            app.UseCors(cors => cors.WithOrigins([.. allowedOrigins]).WithMethods("GET", "POST").AllowAnyHeader().WithExposedHeaders("grpc-status", "grpc-message"));
        return app.Use(next => context => GuardAsync(context, next, allowedOrigins));
    }

    private static Task GuardAsync(HttpContext context, RequestDelegate next, IReadOnlyCollection<string> allowedOrigins)
    {
        // What browsers cannot speak needs no word to them.
        if (ContentType.IsGrpc(context.Request.ContentType))
            return next(context);
        if (GrpcEndpoints.IsMalformed(context.Request))
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return Task.CompletedTask;
        }

        var origin = context.Request.Headers.Origin.ToString();
        var isAllowed = origin.Length > 0 && allowedOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase);
        if (origin.Length > 0 && !isAllowed && !IsOwn(origin, context.Request.Host.Value))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return Task.CompletedTask;
        }

        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), payment=(), usb=()";
        // Browsers complain of it where they ignore it.
        if (context.Request.IsHttps)
        {
            headers["Cross-Origin-Opener-Policy"] = "same-origin";
            headers.StrictTransportSecurity = "max-age=31536000";
        }

        headers["Cross-Origin-Resource-Policy"] = allowedOrigins.Count > 0 ? "cross-origin" : "same-origin";
        return next(context);
    }

    /// <summary>Whether a page comes from where it asks. Not by the scheme: a proxy before the server may have taken TLS off.</summary>
    private static bool IsOwn(string origin, string? host) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri) && string.Equals(uri.Authority, WithoutDefaultPort(uri, host), StringComparison.OrdinalIgnoreCase);

    private static string? WithoutDefaultPort(Uri origin, string? host) =>
        origin.IsDefaultPort && host is not null && host.EndsWith($":{origin.Port}", StringComparison.Ordinal) ? host[..^$":{origin.Port}".Length] : host;
}
