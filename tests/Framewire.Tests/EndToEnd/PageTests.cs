using System.Net;
using System.Net.Sockets;
using Framewire.Edge.Sources;
using Framewire.Server;
using Framewire.Server.Viewing;
using Framewire.Server.Wire;
using Framewire.Tests.Testing;

namespace Framewire.Tests.EndToEnd;

/// <summary>What the web port gives to browsers, curl, OpenCV and ffmpeg.</summary>
public sealed class PageTests : IDisposable
{
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(30) };

    public void Dispose() => _client.Dispose();

    private async Task<(HttpResponseMessage Response, byte[] Body)> GetAsync(FramewireHost host, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(host.Web, path));
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        var response = await _client.SendAsync(request);
        return (response, await response.Content.ReadAsByteArrayAsync());
    }

    private static string Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? string.Join(',', values) : "";

    [Theory]
    [InlineData(Encoding.H264)]
    [InlineData(Encoding.Jpeg)]
    [InlineData(Encoding.Gray)]
    [InlineData(Encoding.Bgr)]
    public async Task A_snapshot_is_the_newest_picture_live_or_after_the_end(Encoding encoding)
    {
        await using var host = await FramewireHost.StartAsync();
        await host.PublishAsync(
            new SourceOptions { Source = "test", Encode = encoding, Size = (320, 240), FrameRate = 100 }, options => options with { Frames = 45 });

        var (response, jpeg) = await GetAsync(host, "/streams/cam/snapshot.jpg");

        Assert.Equal((HttpStatusCode.OK, "image/jpeg"), (response.StatusCode, response.Content.Headers.ContentType!.ToString()));
        Assert.Equal(("45", "no-store"), (Header(response, "Framewire-Sequence"), response.Headers.CacheControl!.ToString()));
        Assert.Equal(44u, await Counter.OfJpegAsync(jpeg, 320, 240));
    }

    [Theory]
    [InlineData("/streams/nothing/snapshot.jpg")]
    [InlineData("/streams/nothing/live.mjpeg")]
    [InlineData("/streams/..%2f..%2fetc/snapshot.jpg")]
    [InlineData("/streams/%3Cimg%20src=x%20onerror=alert(1)%3E/snapshot.jpg")]
    [InlineData("/assets/..%2f..%2fappsettings.json")]
    [InlineData("/appsettings.json")]
    public async Task What_is_not_there_is_404_in_plain_words_and_echoes_nothing(string path)
    {
        await using var host = await FramewireHost.StartAsync();

        var (response, body) = await GetAsync(host, path);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.DoesNotContain("onerror", System.Text.Encoding.UTF8.GetString(body), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Encoding.H264)]
    [InlineData(Encoding.Jpeg)]
    public async Task Ffprobe_and_OpenCV_read_live_motion_JPEG(Encoding encoding)
    {
        await using var host = await FramewireHost.StartAsync();
        await using var camera = LiveCamera.Start(host, "cam", encoding);
        await Eventually.TrueAsync(() => camera.Publisher.Snapshot().Acked > 0);
        var address = new Uri(host.Web, "/streams/cam/live.mjpeg");

        var packets = await Tool.LinesAsync("ffprobe", ["-v", "error", "-f", "mpjpeg", "-i", $"{address}", "-read_intervals", "%+#20", "-show_entries", "packet=size:stream=codec_name,width,height", "-of", "csv"]);
        var frames = await Tool.LinesAsync("/usr/bin/python3", ["-c", """
            import cv2, sys
            video = cv2.VideoCapture(sys.argv[1])
            shapes = {video.read()[1].shape for _ in range(20)}
            print(shapes)
            """, $"{address}"]);

        Assert.Contains("stream,mjpeg,320,240", packets);
        Assert.Equal(20, packets.Count(line => line.StartsWith("packet,", StringComparison.Ordinal)));
        Assert.Equal("{(240, 320, 3)}", frames.Single());
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/view/cam")]
    [InlineData("/view/%3Cimg%20src=x%20onerror=alert(1)%3E")]
    public async Task The_page_is_one_file_whatever_the_name_in_its_address_and_all_its_parts_are_there(string path)
    {
        await using var host = await FramewireHost.StartAsync();

        var (response, body) = await GetAsync(host, path);
        var html = System.Text.Encoding.UTF8.GetString(body);

        Assert.Equal((HttpStatusCode.OK, "text/html"), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
        Assert.DoesNotContain("onerror", html, StringComparison.Ordinal);
        var parts = html.Split('"').Where(text => text.StartsWith('/') && text.Length > 1).ToList();
        Assert.Contains(parts, part => part.EndsWith(".js", StringComparison.Ordinal));
        parts.Add("/third-party.txt");
        foreach (var part in parts)
        {
            var (found, content) = await GetAsync(host, part);
            Assert.Equal((part, HttpStatusCode.OK), (part, found.StatusCode));
            Assert.NotEmpty(content);
        }
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/streams")]
    [InlineData("/healthz")]
    [InlineData("/streams/nothing/snapshot.jpg")]
    public async Task Every_answer_forbids_foreign_and_inline_script_and_guessing_of_types(string path)
    {
        await using var host = await FramewireHost.StartAsync();

        var (response, _) = await GetAsync(host, path);

        var policy = Header(response, "Content-Security-Policy");
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.Equal(("nosniff", "same-origin", ""), (Header(response, "X-Content-Type-Options"), Header(response, "Cross-Origin-Resource-Policy"), Header(response, "Access-Control-Allow-Origin")));
    }

    [Fact]
    public async Task The_pages_parts_are_compressed_and_kept_by_the_browser()
    {
        await using var host = await FramewireHost.StartAsync();
        var html = System.Text.Encoding.UTF8.GetString((await GetAsync(host, "/")).Body);
        var script = html.Split('"').Single(text => text.EndsWith(".js", StringComparison.Ordinal));

        var (plain, whole) = await GetAsync(host, script);
        var (small, compressed) = await GetAsync(host, script, ("Accept-Encoding", "gzip"));

        Assert.Equal("gzip", string.Join(',', small.Content.Headers.ContentEncoding));
        Assert.True(compressed.Length * 2 < whole.Length, $"{compressed.Length} of {whole.Length} bytes");
        Assert.Contains("immutable", plain.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_sites_page_may_read_only_if_the_settings_name_it()
    {
        await using var closed = await FramewireHost.StartAsync();
        await using var open = await FramewireHost.StartAsync(new FramewireOptions { Viewing = new ViewingOptions { AllowedOrigins = "https://home.example" } });

        var refused = (await GetAsync(closed, "/streams", ("Origin", "https://home.example"))).Response;
        var own = (await GetAsync(closed, "/streams", ("Origin", closed.Web.GetLeftPart(UriPartial.Authority)))).Response;
        var allowed = (await GetAsync(open, "/streams", ("Origin", "https://home.example"))).Response;
        var other = (await GetAsync(open, "/streams", ("Origin", "https://evil.example"))).Response;

        Assert.Equal(
            (HttpStatusCode.Forbidden, HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.Forbidden),
            (refused.StatusCode, own.StatusCode, allowed.StatusCode, other.StatusCode));
        Assert.Equal(("", "https://home.example", ""), (Header(refused, "Access-Control-Allow-Origin"), Header(allowed, "Access-Control-Allow-Origin"), Header(other, "Access-Control-Allow-Origin")));
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    public async Task Nothing_on_the_page_changes_anything(string method)
    {
        await using var host = await FramewireHost.StartAsync();
        foreach (var path in new[] { "/", "/view/cam", "/streams", "/healthz", "/streams/cam/snapshot.jpg", "/streams/cam/live.mjpeg" })
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(host.Web, path));
            using var response = await _client.SendAsync(request);
            Assert.Equal((path, HttpStatusCode.MethodNotAllowed), (path, response.StatusCode));
        }
    }

    [Fact]
    public async Task A_viewer_of_motion_JPEG_that_leaves_is_noticed_and_one_that_stays_is_ended_by_a_stop()
    {
        await using var host = await FramewireHost.StartAsync();
        await using var camera = LiveCamera.Start(host, "cam", Encoding.Jpeg);
        await Eventually.TrueAsync(() => camera.Publisher.Snapshot().Acked > 0);
        var path = new Uri(host.Web, "/streams/cam/live.mjpeg");
        var leaving = await _client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
        using var staying = await _client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(2, host.Streams.Find("cam")!.Status().Viewers);

        leaving.Dispose();

        await Eventually.TrueAsync(() => host.Streams.Find("cam")!.Status().Viewers == 1);
        var body = await staying.Content.ReadAsStreamAsync();
        var reading = ReadToEndAsync(body);
        await host.StopAsync().WaitAsync(TimeSpan.FromSeconds(20));
        Assert.StartsWith("--framewire\r\nContent-Type: image/jpeg\r\n", System.Text.Encoding.ASCII.GetString(await reading), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_viewer_that_takes_nothing_any_more_is_let_go()
    {
        var transport = new TransportOptions { DeadViewerTimeout = TimeSpan.FromSeconds(1) };
        await using var host = await FramewireHost.StartAsync(new FramewireOptions { Transport = transport });
        await using var camera = LiveCamera.Start(host, "cam", Encoding.Bgr);
        await Eventually.TrueAsync(() => camera.Publisher.Snapshot().Acked > 0);
        using var stuck = new TcpClient("127.0.0.1", host.Web.Port) { ReceiveBufferSize = 4096 };
        await stuck.GetStream().WriteAsync("GET /streams/cam/live.mjpeg HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
        await Eventually.TrueAsync(() => host.Streams.Find("cam")!.Status().Viewers == 1);

        await Eventually.TrueAsync(() => host.Streams.Find("cam")!.Status().Viewers == 0, TimeSpan.FromSeconds(40));
    }

    /// <summary>What came before the end, whether that was one in order or the connection's.</summary>
    private static async Task<byte[]> ReadToEndAsync(Stream body)
    {
        using var read = new MemoryStream();
        try
        {
            await body.CopyToAsync(read).WaitAsync(TimeSpan.FromSeconds(20));
        }
        catch (IOException)
        {
            // A server that stops may close the connection behind the last picture.
        }

        return read.ToArray();
    }
}
