using Framewire.Edge.Sources;
using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using Framewire.Protocol.Wire;
using Framewire.Server;
using Framewire.Server.Forms;
using Framewire.Tests.Testing;

namespace Framewire.Tests.EndToEnd;

/// <summary>Several streams over one Watch call.</summary>
public sealed class WallTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(50);

    private static WatchRequest Of(params string[] streams) => new() { Stream = streams[0], MoreStreams = { streams[1..] }, Wait = true };

    [Fact]
    public async Task Each_streams_frames_come_in_order_under_its_own_index()
    {
        await using var host = await FramewireHost.StartAsync();
        await using var connection = host.Connect();
        await using var call = await Watching.StartAsync(connection, Of("a", "b", "not-yet", "c"));
        await using var a = LiveCamera.Start(host, "a", Encoding.Jpeg);
        await using var b = LiveCamera.Start(host, "b", Encoding.H264);
        await using var c = LiveCamera.Start(host, "c", Encoding.Gray);
        var (last, started) = (new Dictionary<uint, ulong>(), new Dictionary<uint, Codec>());

        while (last.Count < 3 || last.Values.Min() < 20)
        {
            Assert.True(await call.Responses.MoveNextAsync().AsTask().WaitAsync(Patience));
            var message = call.Responses.Current;
            var index = message.Other?.StreamIndex ?? 0;
            if (message.Other?.Started is { } begun)
                started[index] = begun.Format.Codec;
            if (message.Frame is not { } frame)
                continue;
            Assert.True(frame.Sequence > last.GetValueOrDefault(index), $"Stream {index}: {frame.Sequence} after {last.GetValueOrDefault(index)}");
            Assert.True(started.ContainsKey(index));
            last[index] = frame.Sequence;
            frame.Release();
        }

        Assert.Equal([0u, 1u, 3u], last.Keys.Order());
        Assert.Equal((Codec.Jpeg, Codec.H264, Codec.Gray), (started[0], started[1], started[3]));
        Assert.All(host.Streams.All, stream => Assert.Equal(1, stream.Status().Viewers));
    }

    [Fact]
    public async Task A_stream_that_goes_offline_is_told_under_its_index_and_the_others_go_on()
    {
        await using var host = await FramewireHost.StartAsync();
        await using var connection = host.Connect();
        await using var call = await Watching.StartAsync(connection, Of("a", "b"));
        await using var a = LiveCamera.Start(host, "a", Encoding.Jpeg);
        await using (LiveCamera.Start(host, "b", Encoding.Jpeg))
            await Eventually.TrueAsync(() => host.Streams.Find("b")?.Status().Session?.Frames > 0);
        var others = new List<WatchResponse>();

        while (others.Find(other => other.Offline is not null) is null)
            (await Watching.NextFrameAsync(call, others)).Release();

        Assert.Equal(1u, others.Find(other => other.Offline is not null)!.StreamIndex);
        (await Watching.NextFrameAsync(call)).Release();
    }

    [Fact]
    public async Task A_stream_that_cannot_be_shown_ends_alone()
    {
        await using var host = await FramewireHost.StartAsync(new FramewireOptions { Forms = new FormOptions { Ffmpeg = "no-such-program" } });
        await using var connection = host.Connect();
        var request = Of("a", "b");
        request.Codecs.Add(Codec.Jpeg);
        await using var call = await Watching.StartAsync(connection, request);
        await using var a = LiveCamera.Start(host, "a", Encoding.Jpeg);
        await using var b = LiveCamera.Start(host, "b", Encoding.H264);
        var others = new List<WatchResponse>();

        while (others.Find(other => other.Ended is not null) is null)
            (await Watching.NextFrameAsync(call, others)).Release();

        var ended = others.Find(other => other.Ended is not null)!;
        Assert.Equal((1u, (uint)GrpcStatusCode.Unavailable), (ended.StreamIndex, ended.Ended.StatusCode));
        Assert.Contains("apt-get install ffmpeg", ended.Ended.Reason, StringComparison.Ordinal);
        (await Watching.NextFrameAsync(call)).Release();
    }

    [Fact]
    public async Task Too_many_streams_or_a_wrong_name_among_them_are_refused()
    {
        await using var host = await FramewireHost.StartAsync();
        await using var connection = host.Connect();
        await using var many = await Watching.StartAsync(connection, Of([.. Enumerable.Range(0, 257).Select(n => $"s{n}")]));
        await using var wrong = await Watching.StartAsync(connection, Of("a", "<img src=x onerror=alert(1)>"));

        foreach (var call in new[] { many, wrong })
        {
            var refused = await Assert.ThrowsAsync<GrpcException>(() => Watching.NextFrameAsync(call));
            Assert.Equal(GrpcStatusCode.InvalidArgument, refused.Status.Code);
        }

        Assert.Empty(host.Streams.All);
    }

    [Fact]
    public async Task A_stream_that_is_only_waited_for_is_in_no_list()
    {
        await using var host = await FramewireHost.StartAsync();
        await using var connection = host.Connect();
        await using var call = await Watching.StartAsync(connection, Of("ghost"));
        await Eventually.TrueAsync(() => host.Streams.Find("ghost")?.Status().Viewers == 1);
        using var client = new HttpClient();

        Assert.Empty((await connection.UnaryAsync(ViewingContract.ListStreams, new ListStreamsRequest())).Streams);
        Assert.Equal("[]", await client.GetStringAsync(new Uri(host.Web, "/streams")));

        await using var camera = LiveCamera.Start(host, "ghost", Encoding.Gray);
        (await Watching.NextFrameAsync(call)).Release();
        Assert.Single((await connection.UnaryAsync(ViewingContract.ListStreams, new ListStreamsRequest())).Streams);
    }

    [Fact]
    public async Task The_list_tells_the_servers_clock_and_its_gRPC_port()
    {
        await using var host = await FramewireHost.StartAsync();
        await using var connection = host.Connect();

        var list = await connection.UnaryAsync(ViewingContract.ListStreams, new ListStreamsRequest());

        Assert.Equal((uint)host.Address.Port, list.GrpcPort);
        Assert.InRange(Micros.ToDateTimeOffset(list.ServerTimeUnixMicros), DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow);
    }
}
