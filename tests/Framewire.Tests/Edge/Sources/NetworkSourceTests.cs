using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Framewire.Edge.Sources;
using Framewire.Tests.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Framewire.Tests.Edge.Sources;

/// <summary>Cameras and files over RTSP and HTTP.</summary>
public class NetworkSourceTests
{
    [Theory]
    [InlineData(Encoding.Copy)]
    [InlineData(Encoding.Jpeg)]
    public async Task An_rtsp_camera_is_read_over_tcp_with_its_password(Encoding encoding)
    {
        var pattern = await Reading.OfAsync(new SourceOptions { Source = "test", Encode = Encoding.H264, Fast = true, Size = (640, 360), KeyframeInterval = TimeSpan.FromSeconds(0.5) }, most: 30);
        await using var camera = new RtspCamera([.. pattern.Frames.Select(frame => frame.Payload)]);

        var reading = await Reading.OfAsync(new SourceOptions { Source = camera.Address, Encode = encoding }, most: 40);

        Assert.Equal((640, 360), (reading.Format.Width, reading.Format.Height));
        Assert.Contains("PLAY", camera.Methods);
        Assert.True(reading.Frames[0].IsKeyframe);
        Assert.Equal(reading.Frames.Select(frame => frame.Pts).Distinct().Order(), reading.Frames.Select(frame => frame.Pts));
        if (encoding is Encoding.Copy)
            Assert.InRange(reading.Frames.Count(frame => frame.IsKeyframe), 2, 4);
    }

    [Fact]
    public async Task A_camera_that_accepts_and_then_says_nothing_is_given_up_after_seconds()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var waited = Stopwatch.StartNew();

        var failure = await Assert.ThrowsAsync<SourceException>(() => Reading.OfAsync(new SourceOptions { Source = $"rtsp://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}/x" }));

        Assert.Contains("gives no proper answer", failure.Message, StringComparison.Ordinal);
        Assert.InRange(waited.Elapsed, TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(15));
    }

    [Fact]
    public async Task A_file_is_read_over_http()
    {
        var clip = Shared.Clip("car-detection.mp4");
        await using var server = await ServeAsync(context => Results.File(clip, enableRangeProcessing: true).ExecuteAsync(context));

        var reading = await Reading.OfAsync(new SourceOptions { Source = AddressOf(server), Encode = Encoding.Copy, Fast = true });

        Assert.Equal(377, reading.Frames.Count);
    }

    [Fact]
    public async Task Pictures_pushed_over_http_are_timed_by_their_arrival()
    {
        var pattern = await Reading.OfAsync(new SourceOptions { Source = "test", Fast = true, Size = (96, 64) }, most: 20);
        await using var server = await ServeAsync(async context =>
        {
            context.Response.ContentType = "multipart/x-mixed-replace;boundary=next";
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
            foreach (var frame in pattern.Frames)
            {
                await context.Response.WriteAsync($"--next\r\nContent-Type: image/jpeg\r\nContent-Length: {frame.Payload.Length}\r\n\r\n", context.RequestAborted);
                await context.Response.Body.WriteAsync(frame.Payload, context.RequestAborted);
                await context.Response.WriteAsync("\r\n", context.RequestAborted);
                await timer.WaitForNextTickAsync(context.RequestAborted);
            }
        });

        var reading = await Reading.OfAsync(new SourceOptions { Source = AddressOf(server), Encode = Encoding.Copy });

        Assert.Equal(pattern.Frames.Select(frame => frame.Payload), reading.Frames.Select(frame => frame.Payload));
        // 25 a second, which ffmpeg invents, would make it 760 ms.
        Assert.InRange(reading.Frames[^1].Pts, TimeSpan.Zero, TimeSpan.FromMilliseconds(740));
    }

    [Fact]
    public async Task A_page_that_is_not_there_is_told()
    {
        await using var server = await ServeAsync(context => Results.NotFound().ExecuteAsync(context));

        var failure = await Assert.ThrowsAsync<SourceException>(() => Reading.OfAsync(new SourceOptions { Source = AddressOf(server) }));

        Assert.Contains("does not exist there (ffmpeg: ", failure.Message, StringComparison.Ordinal);
    }

    private static string AddressOf(WebApplication server) => server.Urls.Single() + "/video";

    private static async Task<WebApplication> ServeAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = builder.Build();
        server.MapGet("/video", answer);
        await server.StartAsync();
        return server;
    }
}
