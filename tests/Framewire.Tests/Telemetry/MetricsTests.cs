using System.Diagnostics.Metrics;
using System.Net;
using Framewire.Edge;
using Framewire.Edge.Sources;
using Framewire.Protocol.Contracts;
using Framewire.Protocol.Video;
using Framewire.Protocol.Wire;
using Framewire.Server;
using Framewire.Server.Access;
using Framewire.Server.Processing;
using Framewire.Server.Recording;
using Framewire.Server.Streams;
using Framewire.Server.Telemetry;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Telemetry;

/// <summary><c>/metrics</c>: what it says is what happened, and Prometheus' own promtool finds nothing wrong with it.</summary>
public sealed class MetricsTests
{
    private const int Frames = 20;

    private static StreamName Name => StreamName.TryParse("cam", out var name) ? name : default;

    /// <summary>A server on which everything there is to measure has happened.</summary>
    private static async Task<FramewireHost> BusyAsync(Folder folder)
    {
        var host = await FramewireHost.StartAsync(new FramewireOptions
        {
            Recording = new RecordingOptions { Streams = "*", Directory = folder.Path },
            Processing = new ProcessingOptions { Processors = "motion" },
        });
        await host.PublishAsync(
            new SourceOptions { Source = "test", Encode = Encoding.Jpeg, Size = new ImageSize(64, 48), Fast = true },
            options => options with { Frames = Frames, Ack = PublishAck.Persisted, Results = true });
        return host;
    }

    [Fact]
    public async Task Every_frame_is_counted_once_at_each_level()
    {
        using var folder = new Folder();
        await using var host = await BusyAsync(folder);

        var scrape = await Scrape.TakeAsync(host);

        Assert.Equal(Frames, scrape["framewire_stream_frames_total{stream=\"cam\",outcome=\"received\"}"]);
        Assert.Equal(0, scrape["framewire_stream_frames_total{stream=\"cam\",outcome=\"rejected\"}"]);
        Assert.Equal((double)host.Streams.Find("cam")!.Status().Session!.Bytes, scrape["framewire_stream_bytes_total{stream=\"cam\"}"]);
        Assert.Equal(Frames, scrape["framewire_ack_duration_seconds_count{level=\"received\"}"]);
        Assert.Equal(Frames, scrape["framewire_ack_duration_seconds_count{level=\"processed\"}"]);
        Assert.Equal(Frames, scrape["framewire_ack_duration_seconds_bucket{level=\"persisted\",le=\"+Inf\"}"]);
        Assert.Equal(1, scrape["framewire_stream_recording{stream=\"cam\"}"]);
        Assert.Equal(0, scrape["framewire_stream_online{stream=\"cam\"}"]);
        Assert.Equal(1, scrape["framewire_calls_total{method=\"/framewire.v1.Ingest/Publish\",code=\"OK\"}"]);
        Assert.InRange(scrape["framewire_process_memory_bytes"]!.Value, 1 << 20, 1L << 40);
    }

    [Fact]
    public async Task Promtool_finds_nothing_wrong()
    {
        using var folder = new Folder();
        await using var host = await BusyAsync(folder);

        var scrape = await Scrape.TakeAsync(host);

        // It fails, with what it found, if there is anything.
        await Tool.RunAsync("promtool", ["check", "metrics"], System.Text.Encoding.UTF8.GetBytes(scrape.Text));
        Assert.All(scrape.Types.Keys, name => Assert.StartsWith("framewire_", name, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_a_publisher_says_of_itself_is_there_and_goes_with_its_stream()
    {
        await using var host = await FramewireHost.StartAsync();
        var stream = host.Streams.FindOrAdd(Name)!;
        using var publication = stream.TryPublish(new StreamSession("s1", DateTimeOffset.UnixEpoch, Testing.Frames.H264), "peer", "agent")!;
        publication.TakeIn(new PublisherReport(
            10, 6, 1, new Dictionary<DropReason, ulong> { [DropReason.AwaitingKeyframe] = 1, [(DropReason)98] = 2, [(DropReason)99] = 3 },
            TimeSpan.FromMilliseconds(1.5), TimeSpan.FromMilliseconds(90), TimeSpan.Zero, TimeSpan.FromSeconds(-90)));

        var scrape = await Scrape.TakeAsync(host);
        publication.Dispose();
        host.Streams.Find("cam")!.Close();

        Assert.Equal(1, scrape["framewire_stream_online{stream=\"cam\"}"]);
        Assert.Equal(10, scrape["framewire_publisher_captured_total{stream=\"cam\"}"]);
        Assert.Equal(1, scrape["framewire_publisher_waiting{stream=\"cam\"}"]);
        Assert.Equal(1, scrape["framewire_publisher_dropped_total{stream=\"cam\",reason=\"awaiting_keyframe\"}"]);
        Assert.Equal(5, scrape["framewire_publisher_dropped_total{stream=\"cam\",reason=\"other\"}"]);
        Assert.Equal(0.09, scrape["framewire_publisher_ack_duration_seconds{stream=\"cam\",percentile=\"99\"}"]);
        Assert.Equal(-90, scrape["framewire_publisher_clock_offset_seconds{stream=\"cam\"}"]);
    }

    [Fact]
    public void A_stream_that_is_forgotten_has_no_series_any_more()
    {
        var clock = new ManualClock();
        using var meter = new Meter("test");
        using var text = new MetricsText(meter);
        using var streams = new StreamRegistry(new StreamLimits(), clock);
        var metrics = new StreamMetrics(meter, streams, clock);
        streams.FindOrAdd(Name)!.TryPublish(new StreamSession("s1", ManualClock.Start, Testing.Frames.H264), "peer", "agent")!.Dispose();
        Assert.Contains("stream=\"cam\"", text.Collect(), StringComparison.Ordinal);

        clock.Advance(new StreamLimits().OfflineRetention + TimeSpan.FromSeconds(20));
        metrics.Refresh();

        Assert.DoesNotContain("cam", text.Collect(), StringComparison.Ordinal);
    }

    [Fact]
    public void Counts_go_on_over_a_new_session()
    {
        var stream = new LiveStream("cam", new StreamLimits(), new ManualClock());
        foreach (var (session, at) in new[] { ("s1", 0), ("s2", 1) })
        {
            using var publication = stream.TryPublish(new StreamSession(session, ManualClock.Start.AddSeconds(at), Testing.Frames.H264), "peer", "agent")!;
            publication.CountRejected();
        }

        Assert.Equal(2ul, stream.Status().Counts.Rejected);
    }

    [Fact]
    public async Task Calls_and_credentials_that_are_refused_are_counted_and_no_name_is_anybodys()
    {
        using var tokens = new Tokens();
        await using var host = await FramewireHost.StartAsync(new FramewireOptions { Access = tokens.Options });
        var (admin, watcher) = (tokens.Add(grant => grant with { Admin = true }), tokens.Add(grant => grant with { Watch = ["*"] }));
        host.ReadTokens();
        await using var stranger = host.Connect(Tokens.Client(AccessToken.Create()));
        await Assert.ThrowsAsync<GrpcException>(() => stranger.UnaryAsync(ViewingContract.ListStreams, new Protocol.V1.ListStreamsRequest()));
        using var http = new HttpClient { DefaultRequestHeaders = { Authorization = new("Bearer", watcher.Text) } };
        using var refused = await http.GetAsync(new Uri(host.Web, "/metrics"), TestContext.Current.CancellationToken);

        var scrape = await Scrape.TakeAsync(host, admin.Text);

        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Equal(1, scrape["framewire_refused_total{what=\"credentials\"}"]);
        Assert.Equal(1, scrape["framewire_calls_total{method=\"/framewire.v1.Viewing/ListStreams\",code=\"UNAUTHENTICATED\"}"]);
    }

    [Fact]
    public void A_methods_name_that_a_stranger_makes_up_is_no_label()
    {
        var calls = new CallCounts();
        for (var code = 0; code < 1000; code++)
            calls.Count(CallCounts.Other, (GrpcStatusCode)code);

        Assert.Equal(Enum.GetValues<GrpcStatusCode>().Length, calls.All.Count());
    }

    [Fact]
    public void A_labels_value_cannot_break_out_of_its_quotes()
    {
        using var meter = new Meter("test");
        using var text = new MetricsText(meter);
        meter.CreateObservableGauge("framewire.odd", () => new Measurement<long>(1, new KeyValuePair<string, object?>("name", "a\"b\\c\nd")), "", "Odd\nhelp.");

        Assert.Equal("# HELP framewire_odd Odd\\nhelp.\n# TYPE framewire_odd gauge\nframewire_odd{name=\"a\\\"b\\\\c\\nd\"} 1\n", text.Collect());
    }

    [Fact]
    public void Counting_a_frame_allocates_nothing()
    {
        using var meter = new Meter("test");
        using var text = new MetricsText(meter);
        var times = new LevelTimes(meter);
        times.Count(HeldLevel.Received, TimeSpan.FromMilliseconds(1));

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            times.Count(HeldLevel.Received, TimeSpan.FromMilliseconds(i));

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Contains("framewire_ack_duration_seconds_bucket{level=\"received\",le=\"0.001\"} 3\n", text.Collect(), StringComparison.Ordinal);
    }
}
