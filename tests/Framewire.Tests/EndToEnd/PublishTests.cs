using System.Net.Http.Json;
using System.Text.Json;
using Framewire.Edge;
using Framewire.Edge.Sources;
using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using Framewire.Protocol.Wire;
using Framewire.Server;
using Framewire.Server.Ingest;
using Framewire.Server.Streams;
using Framewire.Tests.Testing;

namespace Framewire.Tests.EndToEnd;

/// <summary>A publisher, a server and viewers in one process, over real sockets.</summary>
public sealed class PublishTests
{
    private static readonly SourceOptions Pattern = new() { Source = "test", Encode = Encoding.Jpeg, Size = (320, 240), Fast = true };

    /// <summary>Opens a call of our contract by hand.</summary>
    private static async Task<ClientCall<FrameOr<PublishRequest>, PublishResponse>> OpenAsync(ClientConnection connection, Open open)
    {
        var call = connection.Start(IngestContract.Publish, new CallOptions { Timeout = TimeSpan.FromSeconds(30) });
        await call.Requests.WriteAsync(new(new PublishRequest { Open = open }));
        return call;
    }

    private static Open OpenFor(string stream, string session = "s1", long startedAt = 1) => new()
    {
        Stream = stream,
        Session = session,
        SessionStartedAtUnixMicros = startedAt,
        Format = new Format { Codec = Codec.H264, Width = 64, Height = 48 },
    };

    private static async Task<GrpcException> FailureAsync(ClientCall<FrameOr<PublishRequest>, PublishResponse> call) =>
        await Assert.ThrowsAsync<GrpcException>(async () =>
        {
            while (await call.Responses.MoveNextAsync())
            {
            }
        });

    [Fact]
    public async Task Every_frame_is_acknowledged_and_counted()
    {
        await using var host = await FramewireHost.StartAsync();

        var end = await host.PublishAsync(Pattern, options => options with { Frames = 200 });

        Assert.Equal((200L, 200L, 0L, 0L, 0L), (end.Captured, end.Acked, end.DroppedTotal, end.InFlight, end.Queued));
        var status = Assert.Single(host.Streams.All).Status();
        Assert.Equal((200ul, 200ul, 0ul, true), (status.Session!.Frames, status.Session.ReceivedSequence, status.Session.Missing, status.Complete));
    }

    [Fact]
    public async Task A_viewer_gets_every_frame_once_in_order_and_is_told_of_the_end()
    {
        await using var host = await FramewireHost.StartAsync(new FramewireOptions { Streams = new StreamLimits { ViewerLagFrames = 1000, ViewerLagTime = TimeSpan.FromMinutes(2) } });
        await using var connection = host.Connect();
        var others = new List<WatchResponse>();
        var watching = Viewer.WatchAsync(connection, "cam", others);
        await Eventually.TrueAsync(() => host.Streams.Find("cam")?.Status().Viewers == 1);

        await host.PublishAsync(Pattern with { Encode = Encoding.H264 }, options => options with { Frames = 120 });
        var seen = await watching;

        Assert.Equal(Enumerable.Range(1, 120).Select(n => (ulong)n), seen.Select(frame => frame.Sequence));
        Assert.True(seen[0].IsKeyframe);
        Assert.Equal("h264 320x240", FormatCoding.FromWire(others[0].Started.Format, out _)!.ToString());
        Assert.True(others[^1].Offline.Complete);
    }

    [Fact]
    public async Task The_list_of_streams_is_the_same_over_gRPC_and_as_JSON()
    {
        await using var host = await FramewireHost.StartAsync();
        await host.PublishAsync(Pattern, options => options with { Frames = 10, Stream = "front-door" });
        await using var connection = host.Connect();
        using var http = new HttpClient { BaseAddress = host.Web };

        var list = await connection.UnaryAsync(ViewingContract.ListStreams, new ListStreamsRequest());
        var json = await http.GetFromJsonAsync<JsonElement>("/streams");
        var health = await http.GetFromJsonAsync<JsonElement>("/healthz");

        var stream = Assert.Single(list.Streams);
        Assert.Equal(("front-door", false, 10ul, "framewire/0.1.0"), (stream.Name, stream.Online, stream.Frames, stream.Agent));
        Assert.Equal(("front-door", 10, "jpeg"), (json[0].GetProperty("name").GetString(), json[0].GetProperty("frames").GetInt32(), json[0].GetProperty("codec").GetString()));
        Assert.Equal(("ok", 1), (health.GetProperty("status").GetString(), health.GetProperty("streams").GetInt32()));
    }

    [Theory]
    [InlineData("Front Door")]
    [InlineData("../../etc/passwd")]
    [InlineData("<img src=x onerror=alert(1)>")]
    [InlineData("")]
    public async Task A_name_that_cannot_be_used_is_refused(string name)
    {
        await using var host = await FramewireHost.StartAsync();
        await using var connection = host.Connect();
        await using var call = await OpenAsync(connection, OpenFor(name));

        Assert.Equal(GrpcStatusCode.InvalidArgument, (await FailureAsync(call)).Status.Code);
        Assert.Empty(host.Streams.All);
    }

    [Fact]
    public async Task A_rejected_frame_says_why_and_the_stream_goes_on()
    {
        await using var host = await FramewireHost.StartAsync();
        await using var connection = host.Connect();
        await using var call = await OpenAsync(connection, OpenFor("cam"));
        var notH264 = Frames.One(2);
        notH264.Buffer.Memory.Span.Fill(9);

        foreach (var frame in new[] { Frames.One(1), notH264, Frames.One(3) })
            await call.Requests.WriteAsync(new(frame));
        await call.CompleteAsync();
        var acks = new List<Ack>();
        while (await call.Responses.MoveNextAsync())
        {
            if (call.Responses.Current.Ack is { } ack)
                acks.Add(ack);
        }

        Assert.Equal([1ul, 2ul, 3ul], acks.Select(ack => ack.Sequence));
        Assert.Equal([AckLevel.Received, AckLevel.Unspecified, AckLevel.Received], acks.Select(ack => ack.Level));
        Assert.Equal(Rejection.Types.Code.WrongCodec, acks[1].Rejection.Code);
        Assert.True(acks[0].ReceivedAtUnixMicros > 0 && acks[0].SentAtUnixMicros >= acks[0].ReceivedAtUnixMicros);
        Assert.Equal((1ul, 1ul), (host.Streams.Find("cam")!.Status().Session!.Rejected, host.Streams.Find("cam")!.Status().Session!.Missing));
    }

    [Fact]
    public async Task A_later_session_takes_over_and_the_earlier_publisher_hears_ABORTED()
    {
        await using var host = await FramewireHost.StartAsync();
        await using var connection = host.Connect();
        await using var first = await OpenAsync(connection, OpenFor("cam", "s1", startedAt: 1));
        Assert.True(await first.Responses.MoveNextAsync());
        await using var second = await OpenAsync(connection, OpenFor("cam", "s2", startedAt: 2));
        Assert.True(await second.Responses.MoveNextAsync());

        Assert.Equal(GrpcStatusCode.Aborted, (await FailureAsync(first)).Status.Code);
        await using var third = await OpenAsync(connection, OpenFor("cam", "s1", startedAt: 1));
        Assert.Equal(GrpcStatusCode.AlreadyExists, (await FailureAsync(third)).Status.Code);
    }

    [Fact]
    public async Task A_session_that_connects_again_ends_its_own_old_call_with_UNAVAILABLE()
    {
        await using var host = await FramewireHost.StartAsync();
        await using var connection = host.Connect();
        await using var first = await OpenAsync(connection, OpenFor("cam"));
        Assert.True(await first.Responses.MoveNextAsync());
        await using var again = await OpenAsync(connection, OpenFor("cam"));
        Assert.True(await again.Responses.MoveNextAsync());

        Assert.Equal(GrpcStatusCode.Unavailable, (await FailureAsync(first)).Status.Code);
    }

    [Fact]
    public async Task A_publisher_survives_an_attempt_of_its_own_that_comes_late()
    {
        await using var host = await FramewireHost.StartAsync();
        var publishing = host.PublishAsync(Pattern with { Fast = false, FrameRate = 50 }, options => options with { Frames = 100 });
        await Eventually.TrueAsync(() => host.Streams.Find("cam")?.Status().Session?.Frames > 10);
        var session = host.Streams.Find("cam")!.Status().Session!;
        await using var connection = host.Connect();
        await using (var late = await OpenAsync(connection, new Open
        {
            Stream = "cam",
            Session = session.Id,
            SessionStartedAtUnixMicros = Micros.Of(session.StartedAt),
            Format = FormatCoding.ToWire(session.Format),
        }))
        {
            Assert.True(await late.Responses.MoveNextAsync());
        }

        var end = await publishing;

        Assert.Equal((100L, 100L, 1L, 100ul), (end.Captured, end.Acked, end.Reconnects, session.Frames));
    }

    [Fact]
    public async Task A_publisher_that_falls_silent_is_given_up_and_its_stream_goes_offline()
    {
        var ingest = new IngestOptions { HeartbeatInterval = TimeSpan.FromMilliseconds(50), SilenceLimit = TimeSpan.FromMilliseconds(200) };
        await using var host = await FramewireHost.StartAsync(new FramewireOptions { Ingest = ingest });
        await using var connection = host.Connect();
        await using var call = await OpenAsync(connection, OpenFor("cam"));

        Assert.Equal(GrpcStatusCode.Unavailable, (await FailureAsync(call)).Status.Code);
        await Eventually.TrueAsync(() => host.Streams.Find("cam")!.Status() is { OfflineSince: not null, Complete: false });
    }

    [Fact]
    public async Task A_stream_too_many_is_RESOURCE_EXHAUSTED()
    {
        await using var host = await FramewireHost.StartAsync(new FramewireOptions { Streams = new StreamLimits { MaxStreams = 1 } });
        await using var connection = host.Connect();
        await using var first = await OpenAsync(connection, OpenFor("a"));
        Assert.True(await first.Responses.MoveNextAsync());
        await using var second = await OpenAsync(connection, OpenFor("b"));

        Assert.Equal(GrpcStatusCode.ResourceExhausted, (await FailureAsync(second)).Status.Code);
    }

    [Fact]
    public async Task A_connection_too_many_is_UNAVAILABLE_and_the_others_go_on()
    {
        await using var host = await FramewireHost.StartAsync(new FramewireOptions { Transport = new() { MaxConnections = 1 } });
        await using var first = host.Connect();
        await first.UnaryAsync(ViewingContract.ListStreams, new ListStreamsRequest());
        await using var second = host.Connect();

        var refused = await Assert.ThrowsAsync<GrpcException>(() => second.UnaryAsync(
            ViewingContract.ListStreams, new ListStreamsRequest(), new CallOptions { Timeout = TimeSpan.FromSeconds(20) }));

        Assert.Equal(GrpcStatusCode.Unavailable, refused.Status.Code);
        Assert.Empty((await first.UnaryAsync(ViewingContract.ListStreams, new ListStreamsRequest())).Streams);
    }

    [Fact]
    public async Task Watching_what_is_not_there_is_NOT_FOUND_and_what_is_no_longer_in_memory_OUT_OF_RANGE()
    {
        await using var host = await FramewireHost.StartAsync(new FramewireOptions { Streams = new StreamLimits { HistoryFrames = 5, LosslessLagFrames = 2 } });
        await host.PublishAsync(Pattern, options => options with { Frames = 50 });
        await using var connection = host.Connect();

        Assert.Equal(GrpcStatusCode.NotFound, await StatusAsync(connection, new WatchRequest { Stream = "nobody" }));
        Assert.Equal(GrpcStatusCode.OutOfRange, await StatusAsync(connection, new WatchRequest { Stream = "cam", StartSequence = 1 }));
        Assert.Equal(GrpcStatusCode.InvalidArgument, await StatusAsync(connection, new WatchRequest { Stream = "../x" }));
    }

    private static async Task<GrpcStatusCode> StatusAsync(ClientConnection connection, WatchRequest request)
    {
        try
        {
            await foreach (var message in connection.ServerStreamingAsync(ViewingContract.Watch, request, new CallOptions { Timeout = TimeSpan.FromSeconds(20) }))
                message.Frame?.Release();
            return GrpcStatusCode.Ok;
        }
        catch (GrpcException e)
        {
            return e.Status.Code;
        }
    }

    [Fact]
    public async Task Both_of_our_ends_speak_the_seeds_contract()
    {
        await using var host = await FramewireHost.StartAsync();
        var grey = new SourceOptions { Source = "test", Encode = Encoding.Gray, Size = (640, 480), Fast = true };

        var end = await host.PublishAsync(grey, options => options with { Frames = 30, Contract = PublishContract.Analyse, Stream = "seed-cam" });

        Assert.Equal((30L, 30L), (end.Captured, end.Acked));
        var status = host.Streams.Find("seed-cam")!.Status();
        Assert.Equal((30ul, "gray 640x480", 307_200ul * 30), (status.Session!.Frames, status.Session.Format.ToString(), status.Session.Bytes));
    }
}
