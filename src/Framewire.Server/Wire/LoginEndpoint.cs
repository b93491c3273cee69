using Framewire.Server.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Framewire.Server.Wire;

/// <summary>
/// <c>/login</c>, for the page: GET says who is logged in, POST logs in with a token as JSON, DELETE logs out. The browser keeps a cookie that its scripts
/// cannot read and that no other site's page can use. Stateless.
/// </summary>
internal static class LoginEndpoint
{
    private const int MostBytes = 1024;

    public static void MapLogin(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/login", (HttpContext context, AccessOptions options) => Results.Json(Describe(context.Request.Caller(), options))).Needs(Right.None);
        routes.MapPost("/login", LogInAsync).Needs(Right.None);
        routes.MapDelete("/login", LogOut).Needs(Right.None);
    }

    private static async Task<IResult> LogInAsync(HttpContext context, AccessControl access, AccessOptions options, LoginBook logins, AddressLimits limits)
    {
        // JSON needs a page of our own: another site's form cannot send it.
        if (!context.Request.HasJsonContentType() || context.Request.ContentLength is null or > MostBytes)
            return Results.Text("Send {\"token\": \"fw_…\"} as application/json.\n", statusCode: StatusCodes.Status415UnsupportedMediaType);
        if (options.IsOpen)
            return Results.NoContent();
        Login? login;
        try
        {
            login = await context.Request.ReadFromJsonAsync<Login>(context.RequestAborted);
        }
        catch (System.Text.Json.JsonException)
        {
            login = null;
        }

        var caller = access.FindByToken(login?.Token ?? "");
        if (!caller.IsSignedIn)
        {
            var status = limits.TryFail(context.Connection.RemoteIpAddress) ? StatusCodes.Status401Unauthorized : StatusCodes.Status429TooManyRequests;
            return Results.Text(caller.WhyEnded + "\n", statusCode: status);
        }

        context.Response.Cookies.Append(AccessGuard.Cookie, logins.Add(caller), CookieFor(context));
        return Results.Json(Describe(caller, options));
    }

    private static IResult LogOut(HttpContext context, LoginBook logins)
    {
        if (context.Request.Cookies.TryGetValue(AccessGuard.Cookie, out var secret))
            logins.Remove(secret);
        context.Response.Cookies.Delete(AccessGuard.Cookie, CookieFor(context));
        return Results.NoContent();
    }

    /// <summary>Without an age: it goes with the browser, and in the server after the login's lifetime.</summary>
    private static CookieOptions CookieFor(HttpContext context) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = context.Request.IsHttps || context.Request.Headers["X-Forwarded-Proto"] == "https",
        Path = "/",
        IsEssential = true,
    };

    private static object Describe(Caller caller, AccessOptions options) => new
    {
        needed = !options.IsOpen,
        loggedIn = caller.IsSignedIn && !options.IsOpen,
        name = caller.Name,
        expires = caller.Expires,
        watch = caller.May(Right.Watch),
        record = caller.May(Right.Record),
    };

    /// <summary>What a login brings.</summary>
    private sealed record Login(string? Token);
}
