using System.Buffers.Binary;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using Framewire.Protocol.Wire;
using Framewire.Tests.Testing;

namespace Framewire.Tests.EndToEnd;

/// <summary>
/// Strangers who mean harm, at a real server in a process of its own: what it does to each, that it answers a good call all the while, and that it is as large
/// afterwards as before.
/// </summary>
public sealed class AbuseTests(AbusedServer server) : IClassFixture<AbusedServer>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>A message as gRPC frames it.</summary>
    private static byte[] Message(byte[] payload, byte flag = 0, uint? length = null)
    {
        var message = new byte[5 + payload.Length];
        message[0] = flag;
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(1), length ?? (uint)payload.Length);
        payload.CopyTo(message, 5);
        return message;
    }

    private Task<RawConnection> OpenAsync() => RawConnection.OpenAsync(server.Port);

    /// <summary>Reads until the server closes the connection.</summary>
    private static async Task UntilClosedAsync(RawConnection connection)
    {
        using var patience = new CancellationTokenSource(Patience);
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            while (true)
                await connection.ReceiveAsync().WaitAsync(patience.Token);
        });
    }

    private async Task CutOffAsync(Func<int, RawFrame[]> frames, int rounds)
    {
        await using var connection = await OpenAsync();
        try
        {
            for (var round = 0; round < rounds; round++)
                await connection.SendAsync(frames(round));
        }
        catch (IOException)
        {
            // Closed while we were still sending: that is what is asked for.
        }

        await UntilClosedAsync(connection);
    }

    [Fact]
    public Task Pings_without_end_end_the_connection() =>
        server.EndureAsync(() => CutOffAsync(round => [.. Enumerable.Range(0, 200).Select(n => RawFrame.Ping(n))], 100));

    [Fact]
    public Task Settings_without_end_end_the_connection() =>
        server.EndureAsync(() => CutOffAsync(round => [.. Enumerable.Range(0, 200).Select(_ => RawFrame.Settings((4, 65_535)))], 100));

    [Fact]
    public Task Calls_reset_as_soon_as_they_are_opened_end_the_connection() => server.EndureAsync(() =>
    {
        var headers = RawHeaders.Write(RawConnection.Headers(IngestContract.Publish.Path));
        return CutOffAsync(round => [new RawFrame(FrameType.Headers, RawFrame.EndHeaders, (2 * round) + 1, headers), RawFrame.Reset((2 * round) + 1, 8)], 20_000);
    });

    [Fact]
    public Task Headers_that_never_end_end_the_connection() => server.EndureAsync(() =>
    {
        var headers = RawHeaders.Write(RawConnection.Headers(IngestContract.Publish.Path));
        var more = RawHeaders.Write([("x-more", new string('x', 16_000))]);
        return CutOffAsync(round => [round == 0 ? new RawFrame(FrameType.Headers, 0, 1, headers) : new RawFrame(FrameType.Continuation, 0, 1, more)], 1000);
    });

    [Theory]
    [InlineData(1, 20_000)]
    [InlineData(100, 10)]
    public Task Headers_larger_or_more_than_allowed_are_refused(int count, int length) => server.EndureAsync(async () =>
    {
        await using var connection = await OpenAsync();
        var headers = RawConnection.Headers(IngestContract.Publish.Path).Concat(Enumerable.Range(0, count).Select(n => ($"x-{n}", new string('x', length))));

        var response = await connection.CallAsync(1, headers, []).WaitAsync(Patience);

        Assert.True(response.GoAwayCode is not null || response.ResetCode is not null || response.Header(":status") == "431");
    });

    [Fact]
    public Task Garbage_ends_the_connection() => server.EndureAsync(async () =>
    {
        for (var seed = 0; seed < 50; seed++)
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(IPAddress.Loopback, server.Port);
            var bytes = new byte[4096];
            new Random(seed).NextBytes(bytes);
            await socket.SendAsync(bytes);
            await ReadToEndAsync(socket);
        }
    });

    [Fact]
    public Task A_preface_that_trickles_is_cut_off() => server.EndureAsync(async () =>
    {
        var sockets = new List<Socket>();
        for (var i = 0; i < 50; i++)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            sockets.Add(socket);
            await socket.ConnectAsync(IPAddress.Loopback, server.Port);
            await socket.SendAsync("PRI"u8.ToArray());
        }

        foreach (var socket in sockets)
        {
            await ReadToEndAsync(socket);
            socket.Dispose();
        }
    });

    private static async Task ReadToEndAsync(Socket socket)
    {
        using var patience = new CancellationTokenSource(Patience);
        var buffer = new byte[4096];
        try
        {
            while (await socket.ReceiveAsync(buffer, patience.Token) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // Reset: as good an end as any.
        }
    }

    [Fact]
    public Task A_call_that_never_says_what_it_wants_is_ended() => server.EndureAsync(async () =>
    {
        foreach (var path in new[] { ViewingContract.ListStreams.Path, ViewingContract.Watch.Path, IngestContract.Publish.Path, ProcessingContract.Attach.Path })
        {
            await using var connection = await OpenAsync();
            await connection.SendHeadersAsync(1, RawConnection.Headers(path));
            Assert.Equal((int)GrpcStatusCode.DeadlineExceeded, (await connection.ResponseAsync(1).WaitAsync(Patience)).Status);
        }
    });

    [Fact]
    public Task A_message_that_claims_to_be_huge_is_refused_and_one_cut_short_too() => server.EndureAsync(async () =>
    {
        await using var connection = await OpenAsync();

        var huge = await connection.CallAsync(1, RawConnection.Headers(IngestContract.Publish.Path), Message([1, 2, 3], length: 1u << 30)).WaitAsync(Patience);
        var cut = await connection.CallAsync(3, RawConnection.Headers(IngestContract.Publish.Path), Message([1, 2, 3], length: 100)).WaitAsync(Patience);

        Assert.Equal((int)GrpcStatusCode.ResourceExhausted, huge.Status);
        Assert.NotEqual(0, cut.Status);
    });

    [Fact]
    public Task A_bomb_of_gzip_is_not_inflated() => server.EndureAsync(async () =>
    {
        using var bomb = new MemoryStream();
        await using (var gzip = new GZipStream(bomb, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            for (var i = 0; i < 1024; i++)
                await gzip.WriteAsync(new byte[1 << 20]);
        }

        for (var i = 0; i < 20; i++)
        {
            await using var connection = await OpenAsync();
            await connection.SendHeadersAsync(1, RawConnection.Headers(IngestContract.Publish.Path, ("grpc-encoding", "gzip")));
            foreach (var part in Message(bomb.ToArray(), flag: 1).Chunk(16 << 10))
                await connection.SendAsync(RawFrame.Data(1, part, end: false));
            var response = await connection.ResponseAsync(1).WaitAsync(Patience);
            Assert.Equal((int)GrpcStatusCode.ResourceExhausted, response.Status);
        }
    });

    [Fact]
    public Task Viewers_that_never_read_cost_next_to_nothing() => server.EndureAsync(async () =>
    {
        List<RawConnection> connections = [];
        var head = new System.Buffers.ArrayBufferWriter<byte>();
        ViewingContract.Watch.Requests.Write(new WatchRequest { Stream = AbusedServer.Stream }, head);
        for (var i = 0; i < 50; i++)
        {
            connections.Add(await OpenAsync());
            await connections[^1].SendHeadersAsync(1, RawConnection.Headers(ViewingContract.Watch.Path));
            await connections[^1].SendAsync(RawFrame.Data(1, Message(head.WrittenSpan.ToArray()), end: true));
        }

        await server.CameraGoesOnAsync(frames: 60);
        foreach (var connection in connections)
            await connection.DisposeAsync();
    });

    [Fact]
    public Task Damaged_pictures_go_through_decoders_and_the_recorder_and_harm_nothing() => server.EndureAsync(async () =>
    {
        var files = Shared.AllMalformed().Where(file => new FileInfo(file).Length is > 16 and < 1 << 20).ToList();
        await using var connection = server.Connect();
        using var http = new HttpClient { Timeout = Patience };
        foreach (var codec in new[] { Codec.Jpeg, Codec.H264 })
        {
            var name = codec is Codec.Jpeg ? "bad-jpeg" : "bad-h264";
            await using var call = connection.Start(IngestContract.Publish, new CallOptions { Timeout = TimeSpan.FromMinutes(2) });
            var open = new Open { Stream = name, Session = "s", SessionStartedAtUnixMicros = 1, Format = new Format { Codec = codec, Width = 640, Height = 480 } };
            await call.Requests.WriteAsync(new(new PublishRequest { Open = open }));
            ulong sequence = 0;
            foreach (var bytes in files.Select(File.ReadAllBytes))
            {
                var buffer = Protocol.Video.FrameBuffer.Rent(bytes.Length);
                bytes.CopyTo(buffer.Memory.Span);
                await call.Requests.WriteAsync(new(new Protocol.Video.Frame { Sequence = ++sequence, Pts = TimeSpan.Zero, CapturedAt = DateTimeOffset.UtcNow, IsKeyframe = true, Buffer = buffer }));
                buffer.Release();
            }

            while (sequence > 0 && await call.Responses.MoveNextAsync().AsTask().WaitAsync(Patience))
                sequence -= call.Responses.Current.Ack is { Level: <= AckLevel.Received } ? 1ul : 0;
            Assert.Equal(0ul, sequence);
            // Whatever comes of it, it comes.
            using var snapshot = await http.GetAsync(new Uri(server.Web, $"/streams/{name}/snapshot.jpg"));
            await call.CompleteAsync();
        }
    });
}
