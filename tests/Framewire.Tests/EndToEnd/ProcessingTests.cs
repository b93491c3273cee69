using System.Net.Http.Json;
using System.Text.Json;
using Framewire.Edge;
using Framewire.Edge.Sources;
using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using Framewire.Protocol.Wire;
using Framewire.Server;
using Framewire.Server.Streams;
using Framewire.Tests.Testing;

namespace Framewire.Tests.EndToEnd;

/// <summary>Processors over real sockets: what they get, where their results go, and what is refused.</summary>
public sealed class ProcessingTests
{
    private static readonly SourceOptions Pattern = new() { Source = "test", Encode = Encoding.Jpeg, Size = (320, 240), Fast = true };

    private static Func<PublisherOptions, PublisherOptions> Processed(long frames, PublishMode mode = PublishMode.Lossless) =>
        options => options with { Frames = frames, Ack = PublishAck.Processed, Mode = mode };

    [Fact]
    public async Task Every_frame_of_a_lossless_session_is_processed_once_in_order_and_its_ack_carries_the_result()
    {
        await using var host = await FramewireHost.StartAsync();
        await using var instance = await Instance.AttachAsync(host.Address, Instance.Wanting());
        var working = instance.WorkAsync(100);
        var acks = new List<(ulong Sequence, int? Reply)>();

        var end = await host.PublishAsync(Pattern, Processed(100), (sequence, results) => acks.Add((sequence, Assert.Single(results).Reply)));

        Assert.Equal((100L, 0L), (end.Acked, end.DroppedTotal));
        Assert.Equal(Enumerable.Range(1, 100).Select(n => ("cam", (ulong)n)), await working);
        Assert.Equal(Enumerable.Range(1, 100).Select(n => ((ulong)n, (int?)n)), acks);
        Assert.True(end.ProcessMilliseconds.P50 > 0);
        var status = Assert.Single(host.Streams.Find("cam")!.Status().Processors);
        Assert.Equal(("people", true, 1, 100ul, 0ul), (status.Name, status.IsAttached, status.Instances, status.Counts.Done, status.Counts.Skipped));
    }

    [Fact]
    public async Task A_viewer_that_wants_results_gets_each_with_its_own_frame()
    {
        await using var host = await FramewireHost.StartAsync();
        await using var instance = await Instance.AttachAsync(host.Address, Instance.Wanting());
        _ = instance.WorkAsync(60);
        await using var connection = host.Connect();
        await using var watching = await Watching.StartAsync(connection, new WatchRequest { Stream = "cam", Wait = true, UntilEnd = true, Results = true });
        var publishing = host.PublishAsync(Pattern with { Fast = false, FrameRate = 60 }, Processed(60));

        var seen = 0;
        while (await watching.Responses.MoveNextAsync())
        {
            if (watching.Responses.Current is not { Frame: { } frame, Other: { } beside })
                continue;
            Assert.Equal((int)frame.Sequence, Assert.Single(beside.Results).Reply);
            frame.Release();
            seen++;
        }

        await publishing;
        Assert.InRange(seen, 30, 60);
    }

    [Theory]
    [InlineData(Encoding.Jpeg, Codec.Bgr, 0u, 0u, 320, 240)]
    [InlineData(Encoding.Jpeg, Codec.Gray, 160u, 0u, 160, 120)]
    [InlineData(Encoding.Bgr, Codec.Gray, 0u, 0u, 320, 240)]
    [InlineData(Encoding.Bgr, Codec.Bgr, 64u, 64u, 64, 64)]
    [InlineData(Encoding.Gray, Codec.Bgr, 160u, 0u, 160, 120)]
    [InlineData(Encoding.H264, Codec.Gray, 0u, 0u, 320, 240)]
    [InlineData(Encoding.H264, Codec.Bgr, 161u, 0u, 161, 121)]
    public async Task Pixels_come_as_they_were_asked_for_each_with_the_counter_of_its_own_frame(
        Encoding encoding, Codec codec, uint width, uint height, int expectedWidth, int expectedHeight)
    {
        await using var host = await FramewireHost.StartAsync();
        await using var instance = await Instance.AttachAsync(
            host.Address, Instance.Wanting(form: new FrameForm { Codec = codec, Width = width, Height = height }));
        var publishing = host.PublishAsync(Pattern with { Encode = encoding }, Processed(40));

        for (var n = 1ul; n <= 40; n++)
        {
            var (stream, sequence, payload) = (await instance.NextAsync())!.Value;
            Assert.Equal(n, sequence);
            Assert.Equal(expectedWidth * expectedHeight * (codec is Codec.Bgr ? 3 : 1), payload.Length);
            if (expectedWidth >= 160)
                Assert.Equal((uint)n - 1, Counter.OfPixels(payload, expectedWidth, expectedHeight, codec is Codec.Bgr ? 3 : 1));
            await instance.AnswerAsync(stream, sequence);
        }

        Assert.Equal(40, (await publishing).Acked);
        var format = Assert.Single(instance.Started).Format;
        Assert.Equal((codec, (uint)expectedWidth, (uint)expectedHeight), (format.Codec, format.Width, format.Height));
    }

    [Fact]
    public async Task A_slow_processor_of_the_newest_frames_skips_and_holds_nobody_up()
    {
        await using var host = await FramewireHost.StartAsync();
        await using var instance = await Instance.AttachAsync(host.Address, Instance.Wanting(mode: Mode.Live));
        var skipped = 0;
        var publishing = host.PublishAsync(Pattern, Processed(200), (_, results) => skipped += results.Count(result => result.State == Protocol.Video.ResultState.Skipped));

        var (stream, first, _) = (await instance.NextAsync())!.Value;
        await Eventually.TrueAsync(() => host.Streams.Find("cam")!.Status().Session!.ReceivedSequence == 200);
        await instance.AnswerAsync(stream, first);
        var (_, second, _) = (await instance.NextAsync())!.Value;
        await instance.AnswerAsync(stream, second);

        Assert.Equal(200, (await publishing).Acked);
        Assert.Equal(200ul, second);
        Assert.Equal(198, skipped);
    }

    [Fact]
    public async Task A_processor_with_a_frame_rate_gets_no_more_and_the_others_are_not_skipped()
    {
        await using var host = await FramewireHost.StartAsync();
        await using var instance = await Instance.AttachAsync(host.Address, Instance.Wanting(form: new FrameForm { FrameRate = 10 }));
        var working = instance.WorkAsync(30);

        await host.PublishAsync(Pattern, Processed(90));

        Assert.Equal(30, (await working).Count);
        Assert.Equal(0ul, host.Streams.Find("cam")!.Status().Processors[0].Counts.Skipped);
    }

    [Fact]
    public async Task Built_in_processors_are_chosen_by_the_settings_and_reply_to_the_seeds_contract()
    {
        await using var host = await FramewireHost.StartAsync(new FramewireOptions { Processing = new() { Processors = "motion=analyse*, health=other", EveryFrame = true } });
        await using var connection = host.Connect();
        await using var call = connection.Start(AnalyseContract.Analyse, new CallOptions { Timeout = TimeSpan.FromSeconds(60) });
        List<int> replies = [];
        for (var n = 0; n < 20; n++)
        {
            var picture = Protocol.Video.FrameBuffer.Rent(640 * 480);
            picture.Memory.Span.Fill(40);
            // A white square that is elsewhere each time.
            for (var y = 100; n > 0 && y < 200; y++)
                picture.Memory.Span.Slice((y * 640) + (n * 20), 100).Fill(250);
            await call.Requests.WriteAsync(picture);
            picture.Release();
            Assert.True(await call.Responses.MoveNextAsync());
            replies.Add(call.Responses.Current);
        }

        await call.CompleteAsync();
        Assert.Equal(0, replies[0]);
        Assert.All(replies[1..], reply => Assert.InRange(reply, 1, 2));
        Assert.Equal("motion", Assert.Single(host.Streams.Find("analyse")!.Status().Processors).Name);
    }

    [Fact]
    public async Task A_processor_in_this_program_that_throws_costs_only_that_frame_its_result_and_is_disposed_with_its_stream()
    {
        var limits = new StreamLimits { MaxStreams = 1, OfflineRetention = TimeSpan.Zero };
        await using var host = await FramewireHost.StartAsync(new FramewireOptions { Streams = limits, Processing = new() { Processors = "failing", EveryFrame = true } });
        var results = new List<string>();
        var before = FailingProcessor.Disposed;

        var end = await host.PublishAsync(Pattern, Processed(7), (_, made) => results.AddRange(made.Select(result => result.Error.Length > 0 ? result.Error : result.Values["seen"])));

        Assert.Equal(7, end.Acked);
        Assert.Equal(["1", "2", "the third frame is too much", "4", "5", "the third frame is too much", "7"], results);
        Assert.True(Protocol.Video.StreamName.TryParse("other", out var other));
        await Eventually.TrueAsync(() => host.Streams.FindOrAdd(other) is not null);
        await Eventually.TrueAsync(() => FailingProcessor.Disposed > before);
    }

    [Fact]
    public async Task Health_tells_of_a_processor_that_has_crashed_until_it_is_back_and_not_of_one_that_is_done()
    {
        await using var host = await FramewireHost.StartAsync();
        using var http = new HttpClient();
        async Task<string> HealthAsync() => (await http.GetFromJsonAsync<JsonElement>(new Uri(host.Web, "/healthz"))).GetRawText();

        await using (await Instance.AttachAsync(host.Address, Instance.Wanting()))
            Assert.Contains("\"processors\":{\"people\":1}", await HealthAsync(), StringComparison.Ordinal);
        string health;
        while (!(health = await HealthAsync()).Contains("degraded", StringComparison.Ordinal))
            await Task.Yield();
        Assert.Contains("it has been gone since", health, StringComparison.Ordinal);

        await using var back = await Instance.AttachAsync(host.Address, Instance.Wanting());
        Assert.Contains("\"status\":\"ok\"", await HealthAsync(), StringComparison.Ordinal);
        await back.CompleteAsync();
        Assert.Null(await back.NextAsync());
        Assert.Contains("\"processors\":{}", await HealthAsync(), StringComparison.Ordinal);
    }
}
