using Framewire.Server.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.FileProviders;

namespace Framewire.Server.Viewing;

/// <summary>The page for people: <c>/</c> is the wall, <c>/view/NAME</c> one stream. Its files are inside this assembly. Stateless.</summary>
internal static class PageEndpoint
{
    private static readonly EmbeddedFileProvider Files = new(typeof(PageEndpoint).Assembly, "Framewire.Server.wwwroot");

    /// <summary>Serves the page and its parts.</summary>
    public static void MapPage(this WebApplication app)
    {
        // Pictures are compressed already, and must not wait in a compressor.
        app.UseWhen(context => !context.Request.Path.StartsWithSegments("/streams", StringComparison.Ordinal), page => page.UseResponseCompression());
        app.UseStaticFiles(new StaticFileOptions { FileProvider = Files, OnPrepareResponse = SetCaching });
        app.MapGet("/", SendPage).Needs(Right.None);
        app.MapGet("/view/{name}", SendPage).Needs(Right.None);
        // What browsers ask for beside an answer that is no page.
        app.MapGet("/favicon.ico", () => Results.LocalRedirect("/favicon.svg", permanent: true)).Needs(Right.None);
    }

    private static IResult SendPage(HttpResponse response)
    {
        response.Headers.CacheControl = "no-cache";
        return Results.Stream(Files.GetFileInfo("index.html").CreateReadStream(), "text/html; charset=utf-8");
    }

    /// <summary>What is named by its content never changes.</summary>
    private static void SetCaching(StaticFileResponseContext file) =>
        file.Context.Response.Headers.CacheControl =
            file.Context.Request.Path.StartsWithSegments("/assets", StringComparison.Ordinal) ? "public, max-age=31536000, immutable" : "no-cache";
}
