using Framewire.Edge.Sources;
using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using Framewire.Protocol.Wire;
using Framewire.Server;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Access;

/// <summary>Who may do what with which stream, and how long; with real calls.</summary>
public sealed class AccessTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Tokens _tokens = new();

    public void Dispose() => _tokens.Dispose();

    private Task<FramewireHost> StartAsync(TimeProvider? time = null, LogLines? log = null) =>
        FramewireHost.StartAsync(new FramewireOptions { Access = _tokens.Options }, time: time, log: log);

    private static async Task<ClientCall<FrameOr<PublishRequest>, PublishResponse>> PublishAsync(ClientConnection connection, string stream, string session = "s1")
    {
        var call = connection.Start(IngestContract.Publish, new CallOptions { Timeout = TimeSpan.FromSeconds(60) });
        var open = new Open { Stream = stream, Session = session, SessionStartedAtUnixMicros = session[^1], Format = new Format { Codec = Codec.H264, Width = 64, Height = 48 } };
        try
        {
            await call.Requests.WriteAsync(new(new PublishRequest { Open = open }));
        }
        catch (GrpcException)
        {
            // Refused before it was sent: the responses say why.
        }

        return call;
    }

    private static async Task<Opened> OpenedAsync(ClientCall<FrameOr<PublishRequest>, PublishResponse> call)
    {
        Assert.True(await call.Responses.MoveNextAsync());
        return call.Responses.Current.Opened;
    }

    /// <summary>How a call ends.</summary>
    private static async Task<GrpcStatus> EndAsync<TRequest, TResponse>(ClientCall<TRequest, TResponse> call)
    {
        var failure = await Assert.ThrowsAsync<GrpcException>(async () =>
        {
            while (await call.Responses.MoveNextAsync())
            {
            }
        }).WaitAsync(Patience);
        return failure.Status;
    }

    [Fact]
    public async Task A_write_that_comes_after_the_refusal_is_told_it()
    {
        await using var host = await StartAsync();
        await using var connection = host.Connect();
        await using var call = connection.Start(IngestContract.Publish, new CallOptions { Timeout = TimeSpan.FromSeconds(60) });
        await call.Requests.FlushAsync();
        await call.ResponseHeaders.WaitAsync(Patience);

        // Nobody reads the responses.
        var failure = await Assert.ThrowsAsync<GrpcException>(async () =>
        {
            while (true)
                await call.Requests.WriteAsync(new(Frames.One(1)));
        }).WaitAsync(Patience);

        Assert.Equal(GrpcStatusCode.Unauthenticated, failure.Status.Code);
    }

    [Fact]
    public async Task A_camera_publishes_its_own_stream_and_no_other()
    {
        var camera = _tokens.Add(grant => grant with { Publish = ["cam-*"] });
        await using var host = await StartAsync();
        await using var connection = host.Connect(Tokens.Client(camera));

        await using var own = await PublishAsync(connection, "cam-1");
        await using var other = await PublishAsync(connection, "door");

        Assert.Equal(0, (await OpenedAsync(own)).CredentialsExpireAtUnixMicros);
        var refusal = await EndAsync(other);
        Assert.Equal((GrpcStatusCode.PermissionDenied, true), (refusal.Code, refusal.Message.Contains("publish stream 'door'", StringComparison.Ordinal)));
        Assert.Equal(["cam-1"], host.Streams.All.Select(stream => stream.Name));
    }

    [Fact]
    public async Task The_seeds_calls_are_streams_like_any_other()
    {
        var camera = _tokens.Add(grant => grant with { Publish = ["porch"] });
        await using var host = await StartAsync();
        await using var connection = host.Connect(Tokens.Client(camera));

        async Task<GrpcStatusCode> CodeAsync(Metadata headers)
        {
            await using var call = connection.Start(AnalyseContract.Analyse, new CallOptions { Headers = headers, Timeout = Patience });
            await call.Requests.WriteAsync(FrameBufferOf(640 * 480));
            await call.CompleteAsync();
            try
            {
                while (await call.Responses.MoveNextAsync())
                {
                }

                return GrpcStatusCode.Ok;
            }
            catch (GrpcException e)
            {
                return e.Status.Code;
            }
        }

        Assert.Equal(GrpcStatusCode.Ok, await CodeAsync(new() { { "framewire-stream", "porch" } }));
        Assert.Equal(GrpcStatusCode.PermissionDenied, await CodeAsync(new() { { "framewire-stream", "door" } }));
        Assert.Equal(GrpcStatusCode.PermissionDenied, await CodeAsync([]));
    }

    private static Protocol.Video.FrameBuffer FrameBufferOf(int bytes) => Protocol.Video.FrameBuffer.Rent(bytes);

    [Fact]
    public async Task A_viewer_sees_and_watches_what_it_may_and_nothing_tells_of_the_rest()
    {
        var (all, viewer) = (_tokens.Add(grant => grant with { Publish = ["*"] }), _tokens.Add(grant => grant with { Watch = ["cam-1"] }));
        await using var host = await StartAsync();
        await using var camera = host.Connect(Tokens.Client(all));
        await using var one = await PublishAsync(camera, "cam-1");
        await using var two = await PublishAsync(camera, "cam-2");
        await OpenedAsync(one);
        await OpenedAsync(two);
        await using var connection = host.Connect(Tokens.Client(viewer));

        var list = await connection.UnaryAsync(ViewingContract.ListStreams, new ListStreamsRequest());
        await using var there = connection.Start(ViewingContract.Watch);
        await there.Requests.WriteAsync(new WatchRequest { Stream = "cam-1", MoreStreams = { "cam-2" } });
        await there.CompleteAsync();
        await using var nowhere = connection.Start(ViewingContract.Watch);
        await nowhere.Requests.WriteAsync(new WatchRequest { Stream = "cam-3" });
        await nowhere.CompleteAsync();
        using var http = new HttpClient { BaseAddress = host.Web };
        http.DefaultRequestHeaders.Authorization = new("Basic", Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"vlc:{viewer.Text}")));
        var json = await http.GetStringAsync("/streams");
        var snapshot = await http.GetAsync("/streams/cam-2/snapshot.jpg");
        var health = await http.GetStringAsync("/healthz");

        Assert.Equal(["cam-1"], list.Streams.Select(stream => stream.Name));
        Assert.Equal(GrpcStatusCode.PermissionDenied, (await EndAsync(there)).Code);
        Assert.Equal(GrpcStatusCode.PermissionDenied, (await EndAsync(nowhere)).Code);
        Assert.Equal((true, false), (json.Contains("cam-1", StringComparison.Ordinal), json.Contains("cam-2", StringComparison.Ordinal)));
        Assert.Equal(System.Net.HttpStatusCode.Forbidden, snapshot.StatusCode);
        Assert.DoesNotContain("cam-", health, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_takes_a_stream_over_with_another_token()
    {
        var (one, two) = (_tokens.Add(grant => grant with { Publish = ["*"] }), _tokens.Add(grant => grant with { Publish = ["*"] }));
        await using var host = await StartAsync();
        await using var first = host.Connect(Tokens.Client(one));
        await using var second = host.Connect(Tokens.Client(two));
        await using var running = await PublishAsync(first, "cam", "s1");
        await OpenedAsync(running);

        await using var intruder = await PublishAsync(second, "cam", "s2");
        var refusal = await EndAsync(intruder);
        await using var again = await PublishAsync(first, "cam", "s3");

        Assert.Equal(GrpcStatusCode.AlreadyExists, refusal.Code);
        Assert.Contains("another token", refusal.Message, StringComparison.Ordinal);
        await OpenedAsync(again);
        Assert.Equal(GrpcStatusCode.Aborted, (await EndAsync(running)).Code);
    }

    [Fact]
    public async Task A_revoked_token_ends_what_goes_on_with_it_and_nothing_else()
    {
        var (one, two) = (_tokens.Add(grant => grant with { Publish = ["*"] }), _tokens.Add(grant => grant with { Publish = ["*"] }));
        await using var host = await StartAsync();
        await using var first = host.Connect(Tokens.Client(one));
        await using var second = host.Connect(Tokens.Client(two));
        await using var ending = await PublishAsync(first, "cam-1");
        await using var going = await PublishAsync(second, "cam-2");
        await OpenedAsync(ending);
        await OpenedAsync(going);

        _tokens.Revoke(one);
        var status = await EndAsync(ending);
        await using var again = await PublishAsync(first, "cam-1");

        Assert.Equal((GrpcStatusCode.Unauthenticated, "This token was revoked."), (status.Code, status.Message));
        Assert.Equal(GrpcStatusCode.Unauthenticated, (await EndAsync(again)).Code);
        await going.CompleteAsync();
        while (await going.Responses.MoveNextAsync())
        {
        }
    }

    [Fact]
    public async Task A_call_ends_when_its_token_expires_unless_it_is_shown_a_newer_one()
    {
        // By the server's clock, an hour is over at once.
        var clock = new ShiftedClock();
        var soon = clock.GetUtcNow().AddMinutes(30);
        var (old, newer) = (_tokens.Add(grant => grant with { Publish = ["cam-*"], Expires = soon }), _tokens.Add(grant => grant with { Publish = ["cam-*"], Expires = soon.AddHours(2) }));
        var other = _tokens.Add(grant => grant with { Publish = ["door"] });
        await using var host = await StartAsync(clock);
        await using var connection = host.Connect(Tokens.Client(old));
        await using var ending = await PublishAsync(connection, "cam-1");
        await using var renewed = await PublishAsync(connection, "cam-2");
        await using var wrong = await PublishAsync(connection, "cam-3");
        Assert.Equal(Micros.Of(soon), (await OpenedAsync(ending)).CredentialsExpireAtUnixMicros);
        await OpenedAsync(renewed);
        await OpenedAsync(wrong);

        await renewed.Requests.WriteAsync(new(new PublishRequest { Credentials = new Credentials { Token = newer.Text } }));
        await renewed.Requests.WriteAsync(new(Frames.One(1)));
        while (await renewed.Responses.MoveNextAsync() && renewed.Responses.Current.Ack is null)
        {
        }

        await wrong.Requests.WriteAsync(new(new PublishRequest { Credentials = new Credentials { Token = other.Text } }));
        var refused = await EndAsync(wrong);
        clock.Shift(TimeSpan.FromHours(1));
        host.ReadTokens();
        var expired = await EndAsync(ending);
        await renewed.CompleteAsync();
        while (await renewed.Responses.MoveNextAsync())
        {
        }

        Assert.Equal(GrpcStatusCode.PermissionDenied, refused.Code);
        Assert.Equal(GrpcStatusCode.Unauthenticated, expired.Code);
        Assert.Contains("expired at", expired.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_processor_gets_the_streams_that_it_may_process_and_no_other()
    {
        var (all, worker) = (_tokens.Add(grant => grant with { Publish = ["*"] }), _tokens.Add(grant => grant with { Process = ["cam-1"] }));
        await using var host = await StartAsync();
        await using var processor = host.Connect(Tokens.Client(worker));
        await using var attached = processor.Start(ProcessingContract.Attach, new CallOptions { Timeout = TimeSpan.FromSeconds(60) });
        await attached.Requests.WriteAsync(new AttachRequest { Attach = new Attach { Processor = "p", Streams = { "*" }, Credit = 8 } });
        Assert.True(await attached.Responses.MoveNextAsync());
        await using var camera = host.Connect(Tokens.Client(all));

        // The other stream first: if its frame were handed on, it would come first.
        foreach (var name in new[] { "cam-2", "cam-1" })
        {
            await using var call = await PublishAsync(camera, name);
            await OpenedAsync(call);
            await call.Requests.WriteAsync(new(Frames.One(1)));
            while (await call.Responses.MoveNextAsync() && call.Responses.Current.Ack is null)
            {
            }
        }

        while (await attached.Responses.MoveNextAsync() && attached.Responses.Current.Frame is null)
        {
        }

        Assert.Equal("cam-1", attached.Responses.Current.Other!.Stream);
        Assert.Empty(host.Streams.Find("cam-2")!.Status().Processors);
    }

    [Fact]
    public async Task A_publisher_that_finds_a_new_token_in_its_file_goes_on_with_it()
    {
        using var folder = new Folder();
        var (old, newer) = (_tokens.Add(grant => grant with { Publish = ["cam"] }), _tokens.Add(grant => grant with { Publish = ["cam"] }));
        using var log = new LogLines();
        await using var host = await StartAsync(log: log);
        await File.WriteAllTextAsync(folder["token"], old.Text);
        var source = new SourceOptions { Source = "test", Encode = Encoding.Gray, Size = (64, 48), FrameRate = 30 };
        await using var camera = LiveCamera.Start(host, "cam", source, Clients.Options with { TokenFile = folder["token"] });
        await Eventually.TrueAsync(() => camera.Publisher.Snapshot().Acked > 0);

        await File.WriteAllTextAsync(folder["token"], newer.Text + "\n");
        await Eventually.TrueAsync(() => log.All.Any(line => line.Contains("newer token", StringComparison.Ordinal)));
        _tokens.Revoke(old);
        host.ReadTokens();
        var before = camera.Publisher.Snapshot().Acked;

        await Eventually.TrueAsync(() => camera.Publisher.Snapshot().Acked > before + 30);
        Assert.Equal(0, camera.Publisher.Snapshot().DroppedTotal);
    }
}
