using Framewire.Edge;
using Framewire.Edge.Sources;
using Framewire.Server;
using Framewire.Server.Processing;
using Framewire.Server.Recording;
using Framewire.Server.Telemetry;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Telemetry;

/// <summary>OTLP: figures and traces get to a receiver that was written from OpenTelemetry's protos, and one that is not there harms nobody.</summary>
public sealed class OtlpTests
{
    private static FramewireOptions SendingTo(string address, Folder folder) => new()
    {
        Telemetry = new TelemetryOptions { OtlpEndpoint = address, TraceEvery = 10 },
        Recording = new RecordingOptions { Streams = "*", Directory = folder.Path },
        Processing = new ProcessingOptions { Processors = "motion" },
    };

    private static Task<PublisherSnapshot> PublishAsync(FramewireHost host, string stream) => host.PublishAsync(
        new SourceOptions { Source = "test", Size = new(64, 48), Fast = true },
        options => options with { Stream = stream, Frames = 25, Ack = PublishAck.Persisted, Results = true });

    [Fact]
    public async Task One_frame_of_ten_is_traced_from_its_capture_to_the_disk()
    {
        // Every server in the process has the same source: this stream is this test's alone.
        const string Stream = "traced";
        using var folder = new Folder();
        await using var receiver = await OtlpReceiver.StartAsync();
        await using (var host = await FramewireHost.StartAsync(SendingTo(receiver.Address, folder)))
            await PublishAsync(host, Stream);

        var traces = receiver.Spans.Where(span => span.Attributes["stream"] == Stream).GroupBy(span => span.Trace).ToList();

        Assert.Equal(["10", "20"], traces.Select(trace => trace.First().Attributes["sequence"]).Order());
        Assert.All(traces, trace =>
        {
            var root = Assert.Single(trace, span => span.Parent.Length == 0);
            Assert.Equal("capture", root.Name);
            Assert.Equal(["capture", "persisted", "processed", "received"], trace.Select(span => span.Name).Order(StringComparer.Ordinal));
            Assert.All(trace.Except([root]), span => Assert.Equal((root.Id, root.End), (span.Parent, span.Start)));
            Assert.All(trace, span => Assert.Equal(root.Attributes, span.Attributes));
            Assert.All(trace, span => Assert.InRange(span.End - span.Start, 0ul, 60_000_000_000ul));
            Assert.NotEmpty(root.Attributes["session"]);
        });
    }

    [Fact]
    public async Task Every_metric_is_sent_under_its_own_name()
    {
        using var folder = new Folder();
        await using var receiver = await OtlpReceiver.StartAsync();
        await using (var host = await FramewireHost.StartAsync(SendingTo(receiver.Address, folder)))
            await PublishAsync(host, "cam");

        Assert.Contains("framewire.ack.duration", receiver.Metrics);
        Assert.Contains("framewire.stream.frames", receiver.Metrics);
        Assert.Contains("framewire.process.memory", receiver.Metrics);
    }

    [Fact]
    public async Task A_receiver_that_is_not_there_costs_no_frame()
    {
        using var folder = new Folder();
        await using var host = await FramewireHost.StartAsync(SendingTo("http://127.0.0.1:1", folder));

        Assert.Equal(25, (long)(await PublishAsync(host, "cam")).Acked);
    }

    [Fact]
    public async Task The_address_may_come_from_where_OpenTelemetry_has_it()
    {
        var environment = new Dictionary<string, string> { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "nonsense" };
        await using var process = FramewireProcess.Start(environment, "serve");

        var (code, _, errors) = await process.EndAsync();

        Assert.Equal(2, code);
        Assert.Contains("'nonsense' is no address", errors, StringComparison.Ordinal);
    }
}
