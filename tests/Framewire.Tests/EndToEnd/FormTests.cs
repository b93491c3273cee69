using Framewire.Edge.Sources;
using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using Framewire.Protocol.Wire;
using Framewire.Server;
using Framewire.Server.Forms;
using Framewire.Server.Streams;
using Framewire.Tests.Testing;
using Frame = Framewire.Protocol.Video.Frame;

namespace Framewire.Tests.EndToEnd;

/// <summary>Streams as JPEG for viewers that cannot show what was published, over Watch; judged by ffmpeg.</summary>
public sealed class FormTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(50);
    private static readonly StreamLimits Roomy = new() { HistoryBytes = 1L << 30, HistoryFrames = 10_000, ViewerLagFrames = 9_000, ViewerLagTime = TimeSpan.FromMinutes(2) };

    /// <summary>Watches as JPEG and keeps every picture, until the publisher is done.</summary>
    private static async Task<List<(Frame Frame, byte[] Jpeg)>> WatchJpegAsync(FramewireHost host, List<WatchResponse> others, params Codec[] codecs)
    {
        await using var connection = host.Connect();
        var request = new WatchRequest { Stream = "cam", Wait = true, UntilEnd = true, Codecs = { codecs } };
        using var timeout = new CancellationTokenSource(Patience);
        var pictures = new List<(Frame, byte[])>();
        await foreach (var message in connection.ServerStreamingAsync(ViewingContract.Watch, request, cancellation: timeout.Token))
        {
            if (message.Frame is { } frame)
            {
                pictures.Add((frame, frame.Payload.ToArray()));
                frame.Release();
            }
            else
            {
                others.Add(message.Other!);
            }
        }

        return pictures;
    }

    [Theory]
    [InlineData(Encoding.H264)]
    [InlineData(Encoding.Gray)]
    [InlineData(Encoding.Bgr)]
    [InlineData(Encoding.Jpeg)]
    public async Task A_viewer_of_JPEG_sees_each_frame_with_its_own_sequence_and_times_and_the_counter_in_its_picture(Encoding encoding)
    {
        await using var host = await FramewireHost.StartAsync(new FramewireOptions { Streams = Roomy });
        var others = new List<WatchResponse>();
        var watching = WatchJpegAsync(host, others, Codec.Jpeg);
        await Eventually.TrueAsync(() => host.Streams.Find("cam")?.Status().Viewers == 1);
        var source = new RecordingSource(FrameSource.Create(new SourceOptions { Source = "test", Encode = encoding, Size = (320, 240), FrameRate = 60 }, TimeProvider.System));

        var end = await host.PublishAsync(source, options => options with { Frames = 60 });
        var seen = await watching;

        Assert.Equal(60, end.Acked);
        TestContext.Current.TestOutputHelper?.WriteLine($"{seen.Count} pictures; {string.Join(" ", others)}");
        var started = others.Find(other => other.Started is not null)!.Started;
        Assert.Equal((Codec.Jpeg, 320u), (started.Format.Codec, started.Format.Width));
        // The decoder's start may take most of that second, and a picture that is overtaken is not waited for; the last one always comes.
        Assert.InRange(seen.Count, 1, 60);
        Assert.Equal(60ul, seen[^1].Frame.Sequence);
        Assert.Equal(seen.Select(picture => picture.Frame.Sequence).Order().Distinct(), seen.Select(picture => picture.Frame.Sequence));
        Assert.All(seen, picture => Assert.Equal(source.Passed[(int)picture.Frame.Sequence - 1].Pts, picture.Frame.Pts));
        foreach (var (frame, jpeg) in seen.Where((_, index) => index % 10 == 0).Append(seen[^1]))
            Assert.Equal((uint)frame.Sequence - 1, await Counter.OfJpegAsync(jpeg, 320, 240));
    }

    [Fact]
    public async Task One_form_serves_all_who_ask_and_ends_a_while_after_the_last_has_left()
    {
        await using var host = await FramewireHost.StartAsync(new FramewireOptions { Forms = new FormOptions { Linger = TimeSpan.FromMilliseconds(100) } });
        await using var camera = LiveCamera.Start(host, "cam", Encoding.H264);
        await using var connection = host.Connect();
        var calls = new List<ClientCall<WatchRequest, FrameOr<WatchResponse>>>();
        for (var n = 0; n < 5; n++)
        {
            calls.Add(await Watching.StartAsync(connection, new WatchRequest { Stream = "cam", Wait = true, Codecs = { Codec.Jpeg } }));
            (await Watching.NextFrameAsync(calls[^1])).Release();
        }

        Assert.Equal((1, 5), (host.Forms.Count, host.Streams.Find("cam")!.Status().Viewers));
        foreach (var call in calls)
            await call.DisposeAsync();

        await Eventually.TrueAsync(() => host.Forms.Count == 0);
        Assert.Equal(0, host.Streams.Find("cam")!.Status().Viewers);
        await using var again = await Watching.StartAsync(connection, new WatchRequest { Stream = "cam", Codecs = { Codec.Jpeg } });
        (await Watching.NextFrameAsync(again)).Release();
    }

    [Fact]
    public async Task A_stream_that_comes_back_in_another_codec_goes_on_in_one_that_the_viewer_can_show()
    {
        await using var host = await FramewireHost.StartAsync();
        await using var connection = host.Connect();
        await using var call = await Watching.StartAsync(connection, new WatchRequest { Stream = "cam", Wait = true, Codecs = { Codec.Jpeg, Codec.Gray } });
        await using (LiveCamera.Start(host, "cam", Encoding.Gray))
            (await Watching.NextFrameAsync(call)).Release();
        var others = new List<WatchResponse>();

        await using var camera = LiveCamera.Start(host, "cam", Encoding.H264);
        while (others.Find(other => other.Started is not null) is null)
            (await Watching.NextFrameAsync(call, others)).Release();

        Assert.Equal(Codec.Jpeg, others.Find(other => other.Started is not null)!.Started.Format.Codec);
    }

    [Fact]
    public async Task A_viewer_that_can_show_neither_the_codec_nor_JPEG_is_told()
    {
        await using var host = await FramewireHost.StartAsync();
        await using var camera = LiveCamera.Start(host, "cam", Encoding.H264);
        await using var connection = host.Connect();
        await using var call = await Watching.StartAsync(connection, new WatchRequest { Stream = "cam", Wait = true, Codecs = { Codec.Gray } });

        var refused = await Assert.ThrowsAsync<GrpcException>(() => Watching.NextFrameAsync(call));

        Assert.Equal(GrpcStatusCode.FailedPrecondition, refused.Status.Code);
        Assert.Contains("h264 320x240", refused.Status.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_without_ffmpeg_says_so_and_serves_the_others()
    {
        await using var host = await FramewireHost.StartAsync(new FramewireOptions { Forms = new FormOptions { Ffmpeg = "no-such-program" } });
        await using var camera = LiveCamera.Start(host, "cam", Encoding.H264);
        await using var connection = host.Connect();
        await using var call = await Watching.StartAsync(connection, new WatchRequest { Stream = "cam", Wait = true, Codecs = { Codec.Jpeg } });

        var refused = await Assert.ThrowsAsync<GrpcException>(() => Watching.NextFrameAsync(call));

        Assert.Equal(GrpcStatusCode.Unavailable, refused.Status.Code);
        Assert.Contains("apt-get install ffmpeg", refused.Status.Message, StringComparison.Ordinal);
        await using var asItIs = await Watching.StartAsync(connection, new WatchRequest { Stream = "cam" });
        (await Watching.NextFrameAsync(asItIs)).Release();
    }

    [Fact]
    public async Task Only_so_many_forms_are_made_at_once_and_JPEG_that_is_JPEG_already_is_none()
    {
        await using var host = await FramewireHost.StartAsync(new FramewireOptions { Forms = new FormOptions { MaxForms = 1 } });
        await using var first = LiveCamera.Start(host, "first", Encoding.Gray);
        await using var second = LiveCamera.Start(host, "second", Encoding.Gray);
        await using var third = LiveCamera.Start(host, "third", Encoding.Jpeg);
        await Eventually.TrueAsync(() => host.Streams.All.Count(stream => stream.Status().Session?.Frames > 0) == 3);
        using var client = new HttpClient();
        using var watching = await client.GetAsync(new Uri(host.Web, "/streams/first/live.mjpeg"), HttpCompletionOption.ResponseHeadersRead);

        using var refused = await client.GetAsync(new Uri(host.Web, "/streams/second/snapshot.jpg"));
        using var handedOn = await client.GetAsync(new Uri(host.Web, "/streams/third/snapshot.jpg"));

        Assert.Equal((System.Net.HttpStatusCode.ServiceUnavailable, System.Net.HttpStatusCode.OK), (refused.StatusCode, handedOn.StatusCode));
        Assert.Contains("Forms:MaxForms", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_whose_decoder_is_killed_begins_again_with_the_next_viewer()
    {
        using var folder = new Folder();
        var ffmpeg = Path.Combine(folder.Path, "ffmpeg-of-this-test");
        File.CreateSymbolicLink(ffmpeg, (await Tool.LinesAsync("which", ["ffmpeg"]))[0]);
        await using var host = await FramewireHost.StartAsync(new FramewireOptions { Forms = new FormOptions { Ffmpeg = ffmpeg } });
        await using var camera = LiveCamera.Start(host, "cam", Encoding.H264);
        await using var connection = host.Connect();
        await using var call = await Watching.StartAsync(connection, new WatchRequest { Stream = "cam", Wait = true, Codecs = { Codec.Jpeg } });
        (await Watching.NextFrameAsync(call)).Release();

        await Tool.RunAsync("kill", ["-KILL", $"{await ProcessTable.WaitForChildAsync(Environment.ProcessId, ffmpeg)}"]);

        var lost = await Assert.ThrowsAsync<GrpcException>(async () =>
        {
            while (true)
                (await Watching.NextFrameAsync(call)).Release();
        });
        Assert.Equal(GrpcStatusCode.Unavailable, lost.Status.Code);
        await using var again = await Watching.StartAsync(connection, new WatchRequest { Stream = "cam", Codecs = { Codec.Jpeg } });
        (await Watching.NextFrameAsync(again)).Release();
    }
}
