using System.Globalization;
using Framewire.Protocol.Contracts;
using Framewire.Protocol.Log;
using Framewire.Protocol.Media;
using Framewire.Protocol.Video;
using Framewire.Server.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Framewire.Server.Recording;

/// <summary>
/// <c>GET /recordings/NAME/export.mp4?from=MICROS&amp;until=MICROS&amp;encode=h264</c>: a stretch of a recording as a video file, made while it is
/// sent. One for each server; any thread.
/// </summary>
internal sealed class ExportEndpoint(RecordingStore store, RecordingReader reader, ReaderPlaces places, RecordingOptions options)
{
    /// <summary>What is recorded came from outside.</summary>
    private static readonly ChildLimits Limits = new(MemoryBytes: 4L << 30);

    /// <summary>Puts the path into the pipeline.</summary>
    public void Map(IEndpointRouteBuilder routes) => routes.MapGet("/recordings/{name}/export.mp4", ExportAsync).Needs(Right.Record);

    private async Task ExportAsync(
        string name, HttpResponse response, CancellationToken cancellation, long from = 0, long until = 0, string encode = "copy")
    {
        var start = new RecordingStart(from == 0 ? DateTimeOffset.MinValue : Micros.ToDateTimeOffset(from));
        var end = until == 0 ? DateTimeOffset.MaxValue : Micros.ToDateTimeOffset(until);
        if (encode is not ("copy" or "h264"))
            await RefuseAsync(response, StatusCodes.Status400BadRequest, "encode is copy or h264.");
        else if (StreamName.TryParse(name, out var asked) && !response.HttpContext.Request.Caller().May(Right.Record, asked.Value))
            await RefuseAsync(response, StatusCodes.Status403Forbidden, $"This token has no right to read recordings of stream '{asked}'.");
        else if (!StreamName.TryParse(name, out var stream) || !reader.HasAny(stream.Value, start, end))
            await RefuseAsync(response, StatusCodes.Status404NotFound, "Nothing of that stream is recorded there.");
        else if (places.TryTake() is not { } place)
            await RefuseAsync(response, StatusCodes.Status503ServiceUnavailable, "As many recordings are read as may be (Recording:MaxReaders); try again in a moment.");
        else
        {
            using (place)
                await SendAsync(stream.Value, start, end, encode == "h264", response, cancellation);
        }
    }

    private async Task SendAsync(string stream, RecordingStart start, DateTimeOffset until, bool encode, HttpResponse response, CancellationToken cancellation)
    {
        var format = store.Catalogue.Find(stream, start.From, until)[0].Header.Format;
        VideoFile file;
        try
        {
            file = await VideoFile.StartAsync(options.Ffmpeg, format, VideoFile.Pipe, encode, Limits);
        }
        catch (MediaException e)
        {
            await RefuseAsync(response, StatusCodes.Status422UnprocessableEntity, e.Message);
            return;
        }

        await using (file)
        {
            response.ContentType = "video/mp4";
            response.Headers.ContentDisposition = $"attachment; filename=\"{FileName(stream, start, until)}\"";
            var filling = FillAsync(file, reader.Read(stream, start, until), format, cancellation);
            await file.Output.CopyToAsync(response.Body, cancellation);
            await filling;
        }
    }

    /// <summary>Until the end, or where the frames begin to look otherwise: that is another file.</summary>
    private static async Task FillAsync(VideoFile file, IEnumerable<RecordedEntry> entries, StreamFormat format, CancellationToken cancellation)
    {
        var times = new FileTimes();
        foreach (var (header, entry) in entries)
        {
            if (entry is not LogEntry.Picture { Frame: var frame })
                continue;
            try
            {
                if (header.Format.Codec != format.Codec || header.Format.Width != format.Width || header.Format.Height != format.Height)
                    break;
                await file.WriteAsync(frame, times.Of(header.Session, frame), cancellation);
            }
            finally
            {
                frame.Release();
            }
        }

        await file.FinishAsync(cancellation);
    }

    private string FileName(string stream, RecordingStart start, DateTimeOffset until)
    {
        var first = store.Catalogue.Find(stream, start.From, until)[0].FirstCapturedAt;
        var began = first > start.From ? first : start.From;
        return string.Create(CultureInfo.InvariantCulture, $"{stream}_{began.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}.mp4");
    }

    private static Task RefuseAsync(HttpResponse response, int status, string message)
    {
        response.StatusCode = status;
        response.ContentType = "text/plain; charset=utf-8";
        return response.WriteAsync(message + "\n");
    }
}
