using System.Globalization;
using System.Text;
using Framewire.Protocol.Video;
using Framewire.Server.Access;
using Framewire.Server.Forms;
using Framewire.Server.Streams;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace Framewire.Server.Viewing;

/// <summary>
/// Streams as JPEG over plain HTTP, for browsers, <c>curl</c>, VLC and OpenCV: <c>/streams/NAME/snapshot.jpg</c>, the newest picture, and
/// <c>/streams/NAME/live.mjpeg</c>, every one as it comes. One for each server; any thread.
/// </summary>
internal sealed class JpegEndpoints(StreamRegistry streams, StreamForms forms, ViewingOptions options, IHostApplicationLifetime lifetime)
{
    private const string Boundary = "framewire";

    /// <summary>A viewer of pictures that each stand alone never needs any but the newest.</summary>
    private static readonly ReaderLag NewestOnly = new(1, TimeSpan.MaxValue);

    /// <summary>Puts both paths into the pipeline.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/streams/{name}/snapshot.jpg", SnapshotAsync).Needs(Right.Watch);
        routes.MapGet("/streams/{name}/live.mjpeg", LiveAsync).Needs(Right.Watch);
    }

    private async Task SnapshotAsync(string name, HttpResponse response, CancellationToken cancellation)
    {
        if (await OpenAsync(name, response) is not var (stream, opened))
            return;
        using var reader = opened;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(options.SnapshotTimeout);
        if (await NewestAsync(reader, Math.Max(1, stream.Status().Session?.ReceivedSequence ?? 0), patience.Token) is not { } picture)
        {
            await RefuseAsync(response, StatusCodes.Status503ServiceUnavailable, reader.Failure ?? $"Stream '{stream.Name}' has no picture yet; ask again in a moment.");
            return;
        }

        try
        {
            response.ContentType = "image/jpeg";
            response.ContentLength = picture.Payload.Length;
            response.Headers.CacheControl = "no-store";
            response.Headers["Framewire-Sequence"] = picture.Sequence.ToString(CultureInfo.InvariantCulture);
            response.Headers["Framewire-Captured-At"] = picture.CapturedAt.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
            await response.BodyWriter.WriteAsync(picture.Payload, cancellation);
        }
        finally
        {
            picture.Release();
        }
    }

    /// <summary>Reads until the picture of the newest sequence; when that does not come in time, the newest there is.</summary>
    private static async Task<Frame?> NewestAsync(FormReader reader, ulong sequence, CancellationToken patience)
    {
        Frame? newest = null;
        try
        {
            while ((newest?.Sequence ?? 0) < sequence && await reader.NextAsync(patience) is { } next)
            {
                if (next is StreamEvent.Arrived { Frame: var frame })
                {
                    newest?.Release();
                    newest = frame;
                }
                else if (next is StreamEvent.WentOffline && newest is not null)
                {
                    break;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The patience is over.
        }

        return newest;
    }

    private async Task LiveAsync(string name, HttpResponse response, CancellationToken cancellation)
    {
        if (await OpenAsync(name, response) is not var (_, opened))
            return;
        using var reader = opened;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation, lifetime.ApplicationStopping, response.HttpContext.Request.Caller().Ended);
        response.ContentType = $"multipart/x-mixed-replace; boundary={Boundary}";
        response.Headers.CacheControl = "no-store";
        try
        {
            await response.BodyWriter.WriteAsync(Encoding.ASCII.GetBytes($"--{Boundary}\r\n"), over.Token);
            while (await reader.NextAsync(over.Token) is { } next)
            {
                if (next is StreamEvent.Arrived { Frame: var picture })
                    await WritePartAsync(picture, response, over.Token);
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // The viewer has seen enough, or the server is about to stop.
        }
    }

    /// <summary>The boundary follows at once: most readers show a picture only when they see where it ends.</summary>
    private static async Task WritePartAsync(Frame picture, HttpResponse response, CancellationToken cancellation)
    {
        try
        {
            var head = string.Create(
                CultureInfo.InvariantCulture,
                $"Content-Type: image/jpeg\r\nContent-Length: {picture.Payload.Length}\r\nFramewire-Sequence: {picture.Sequence}\r\n\r\n");
            var body = response.BodyWriter;
            body.Advance(Encoding.ASCII.GetBytes(head, body.GetSpan(head.Length)));
            await body.WriteAsync(picture.Payload, cancellation);
            await body.WriteAsync(Encoding.ASCII.GetBytes($"\r\n--{Boundary}\r\n"), cancellation);
        }
        finally
        {
            picture.Release();
        }
    }

    /// <summary>Opens a stream as JPEG, or answers why not.</summary>
    private async Task<(LiveStream Stream, FormReader Reader)?> OpenAsync(string name, HttpResponse response)
    {
        if (StreamName.TryParse(name, out var asked) && !response.HttpContext.Request.Caller().May(Right.Watch, asked.Value))
            await RefuseAsync(response, StatusCodes.Status403Forbidden, $"This token has no right to watch stream '{asked}'.");
        else if (!StreamName.TryParse(name, out var known) || streams.Find(known.Value) is not { } stream)
            await RefuseAsync(response, StatusCodes.Status404NotFound, "There is no such stream; GET /streams lists them.");
        else if (stream.Status().Session is null)
            await RefuseAsync(response, StatusCodes.Status404NotFound, $"Stream '{known}' has no picture yet: nobody has published it.");
        else if (forms.TryOpenJpeg(stream, NewestOnly) is not { } reader)
            await RefuseAsync(response, StatusCodes.Status503ServiceUnavailable, "The server has as many viewers of JPEG as it may (Forms:MaxForms, Streams:MaxViewersPerStream).");
        else
            return (stream, reader);
        return null;
    }

    private static Task RefuseAsync(HttpResponse response, int status, string message)
    {
        response.StatusCode = status;
        response.ContentType = "text/plain; charset=utf-8";
        return response.WriteAsync(message + "\n");
    }
}
