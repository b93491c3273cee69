using System.Net.Http.Json;
using System.Text.Json;
using Framewire.Cli;
using Framewire.Edge;
using Framewire.Edge.Links;
using Framewire.Edge.Sources;
using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using Framewire.Protocol.Wire;
using Framewire.Server;
using Framewire.Server.Ingest;
using Framewire.Server.Streams;
using Framewire.Tests.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Framewire.Tests.EndToEnd;

/// <summary>What a publisher says of itself reaches whoever looks at its stream.</summary>
public sealed class ReportTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private static Publisher Publish(FramewireHost host, FrameSource source, TimeProvider? time = null) => new(
        new PublisherOptions { Server = host.Address, Stream = "cam", HeartbeatInterval = TimeSpan.FromMilliseconds(100) },
        source,
        Clients.Options,
        time ?? TimeProvider.System,
        NullLogger.Instance);

    private static Open OpenFor(string stream) => new()
    {
        Stream = stream,
        Session = "s1",
        SessionStartedAtUnixMicros = 1,
        Format = new Format { Codec = Codec.H264, Width = 64, Height = 48 },
    };

    [Fact]
    public async Task A_publisher_whose_clock_is_fast_tells_by_how_much()
    {
        await using var host = await FramewireHost.StartAsync();
        var pattern = new SourceOptions { Source = "test", Encode = Encoding.Jpeg, Size = (320, 240) };
        await using var publisher = Publish(host, FrameSource.Create(pattern, TimeProvider.System), new ShiftedClock(TimeSpan.FromSeconds(90)));
        using var stop = new CancellationTokenSource();
        var publishing = publisher.RunAsync(stop.Token);
        await Eventually.TrueAsync(() => host.Streams.Find("cam")?.Status().Report is { Acked: > 10, AckP50.Ticks: > 0 }, Limit);

        var report = host.Streams.Find("cam")!.Status().Report!;
        await stop.CancelAsync();
        await publishing.WaitAsync(Limit);

        Assert.InRange(report.ClockOffset.TotalSeconds, -91, -89);
        Assert.Equal(report.Captured, report.Acked + report.Waiting + report.Drops.Values.Aggregate(0ul, (sum, frames) => sum + frames));
        Assert.True(report.AckP99 >= report.AckP50);
        var printed = JsonDocument.Parse(PublishReport.ToJson(publisher.Snapshot())).RootElement;
        Assert.InRange(printed.GetProperty("clock_offset_ms").GetDouble(), -91_000, -89_000);
    }

    [Fact]
    public async Task The_last_report_tells_the_end_of_the_session()
    {
        await using var host = await FramewireHost.StartAsync();

        var end = await host.PublishAsync(new SourceOptions { Source = "test", Size = (64, 48), Fast = true }, options => options with { Frames = 50 });

        var report = host.Streams.Find("cam")!.Status().Report!;
        Assert.Equal((50L, 50ul, 50ul, 0ul), (end.Acked, report.Captured, report.Acked, report.Waiting));
    }

    [Fact]
    public async Task Reports_alone_keep_a_quiet_link_alive()
    {
        var ingest = new IngestOptions { HeartbeatInterval = TimeSpan.FromMilliseconds(100), SilenceLimit = TimeSpan.FromMilliseconds(800) };
        await using var host = await FramewireHost.StartAsync(new FramewireOptions { Ingest = ingest });
        await using var publisher = Publish(host, new QuietSource());
        using var stop = new CancellationTokenSource();
        var publishing = publisher.RunAsync(stop.Token);

        // A hundred milliseconds apart, so that the silence limit is over more than twice.
        var reports = new HashSet<PublisherReport>(ReferenceEqualityComparer.Instance);
        await Eventually.TrueAsync(() => host.Streams.Find("cam")?.Status().Report is { } report && reports.Add(report) && reports.Count == 20, Limit);
        await stop.CancelAsync();
        await publishing.WaitAsync(Limit);

        Assert.Equal((0L, 0L), (publisher.Snapshot().Captured, publisher.Snapshot().Reconnects));
        Assert.True(host.Streams.Find("cam")!.Status().Complete);
    }

    [Fact]
    public async Task A_report_never_waits_behind_a_frame()
    {
        await using var host = await FramewireHost.StartAsync(new FramewireOptions { Streams = new StreamLimits { LosslessLagFrames = 2 } });
        Assert.True(Protocol.Video.StreamName.TryParse("cam", out var name));
        using var neverReads = host.Streams.FindOrAdd(name)!.TrySubscribe(Overflow.Wait);
        await using var connection = host.Connect();
        using var over = new CancellationTokenSource(Limit);
        await using var link = new FramewireLink(connection, OpenFor("cam"), TimeProvider.System);
        await link.OpenAsync(1, over.Token);
        foreach (var small in Frames.Of("KKK"))
            await link.SendAsync(small, [], over.Token);
        // The server takes nothing more in, and this is more than lies on the way.
        var stuck = link.SendAsync(Frames.One(4, bytes: 8 << 20), [], over.Token);
        Assert.False(stuck.IsCompleted);

        await link.SendReportAsync(() => throw new InvalidOperationException("It was taken."), over.Token).WaitAsync(Limit);

        Assert.False(stuck.IsCompleted);
        await over.CancelAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => stuck);
    }

    [Fact]
    public async Task What_a_newer_publisher_says_and_the_server_does_not_know_is_ignored()
    {
        await using var host = await FramewireHost.StartAsync();
        await using var connection = host.Connect();
        await using var call = connection.Start(IngestContract.Publish, new CallOptions { Timeout = Limit });
        // Field 9, a message: field 1, the number 1.
        var unknown = PublishRequest.Parser.ParseFrom([0x4A, 0x02, 0x08, 0x01]);
        Assert.Equal((PublishRequest.MessageOneofCase.None, 4), (unknown.MessageCase, unknown.CalculateSize()));

        await call.Requests.WriteAsync(new(new PublishRequest { Open = OpenFor("cam") }));
        await call.Requests.WriteAsync(new(unknown));
        await call.Requests.WriteAsync(new(Frames.One(1)));
        await call.CompleteAsync();
        var acked = new List<ulong>();
        while (await call.Responses.MoveNextAsync())
        {
            if (call.Responses.Current.Ack is { } ack)
                acked.Add(ack.Sequence);
        }

        Assert.Equal([1ul], acked);
    }

    [Fact]
    public async Task Both_lists_show_the_report_and_whether_somebody_records()
    {
        await using var host = await FramewireHost.StartAsync();
        await using var connection = host.Connect();
        using var http = new HttpClient { BaseAddress = host.Web };
        await using var call = connection.Start(IngestContract.Publish, new CallOptions { Timeout = Limit });
        await call.Requests.WriteAsync(new(new PublishRequest { Open = OpenFor("cam") }));
        var said = new Report
        {
            Captured = 9,
            Acked = 7,
            Drops = { new DropCount { Reason = DropReason.AwaitingKeyframe, Frames = 2 } },
            AckP50Micros = 1500,
            AckP99Micros = 20_000,
            QueueP50Micros = 40,
            ClockOffsetMicros = -250_000,
        };
        await call.Requests.WriteAsync(new(new PublishRequest { Report = said }));
        await Eventually.TrueAsync(() => host.Streams.Find("cam")?.Status().Report is not null);
        host.Streams.Find("cam")!.RecordingStarted();

        var list = await connection.UnaryAsync(ViewingContract.ListStreams, new ListStreamsRequest());
        var json = (await http.GetFromJsonAsync<JsonElement>("/streams"))[0];

        var status = Assert.Single(list.Streams);
        Assert.Equal((said, true, 0u, false, 0L), (status.Report, status.Recording, status.Viewers, status.Complete, status.OfflineSinceUnixMicros));
        Assert.InRange(Micros.ToDateTimeOffset(list.ServerTimeUnixMicros), DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddMinutes(1));
        Assert.True(json.GetProperty("recording").GetBoolean());
        Assert.Equal(
            """{"captured":9,"acked":7,"waiting":0,"drops":{"awaiting_keyframe":2},"ack_p50_ms":1.5,"ack_p99_ms":20,"queue_p50_ms":0.04,"clock_offset_ms":-250}""",
            JsonSerializer.Serialize(json.GetProperty("report")));

        await call.CompleteAsync();
        await Eventually.TrueAsync(() => host.Streams.Find("cam")!.Status().Complete);
        status = Assert.Single((await connection.UnaryAsync(ViewingContract.ListStreams, new ListStreamsRequest())).Streams);
        Assert.True(status is { Complete: true, OfflineSinceUnixMicros: > 0, Report.Captured: 9 });
    }
}
