using System.Globalization;
using System.Net;
using System.Text.Json;
using Framewire.Edge;
using Framewire.Edge.Sources;
using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using Framewire.Protocol.Wire;
using Framewire.Tests.Testing;

namespace Framewire.Tests.EndToEnd;

/// <summary>Real clips from the file to a recording, and out of it again: read back, by a foreign reader of MCAP, as a video file.</summary>
public sealed class RecordingTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly Folder _folder = Folder.InMemory();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, Encoding> EveryCodec => new()
    {
        { "asl-walk-face.mkv", Encoding.Copy },
        { "person-vfr-derived.mp4", Encoding.Copy },
        { "asl-walk-odd353x265-vfr.mkv", Encoding.Copy },
        { "asl-walk-odd353x265-vfr.mkv", Encoding.H264 },
        { "person-vfr-derived.mp4", Encoding.Jpeg },
        { "asl-walk-odd353x265-vfr.mkv", Encoding.Gray },
        { "asl-walk-odd353x265-vfr.mkv", Encoding.Bgr },
    };

    [Theory]
    [MemberData(nameof(EveryCodec))]
    public async Task A_clip_is_recorded_once_in_order_byte_for_byte_and_comes_out_as_video(string clip, Encoding encoding)
    {
        var source = new RecordingSource(FrameSource.Create(new SourceOptions { Source = Shared.Clip(clip), Encode = encoding, Fast = true }, TimeProvider.System));
        var encode = encoding is Encoding.Copy or Encoding.H264 ? "copy" : "h264";
        await using var host = await FramewireHost.StartAsync(Recordings.Server(_folder["rec"], options => options with { SegmentBytes = 8 << 20 }));
        await using (var publisher = Recordings.Publisher(source, host.Address))
        {
            await publisher.RunAsync(TestContext.Current.CancellationToken).WaitAsync(Limit);
            Assert.Equal((source.Passed.Count, source.Passed.Count, 0), (publisher.Snapshot().Captured, publisher.Snapshot().Acked, publisher.Snapshot().DroppedTotal));
        }

        await using var connection = host.Connect();
        Assert.Equal(source.Passed, (await Recordings.ReadAsync(connection, new ReadRequest { Stream = "cam" })).Frames);
        using var http = new HttpClient();
        await File.WriteAllBytesAsync(_folder["http.mp4"], await http.GetByteArrayAsync(new Uri(host.Web, $"recordings/cam/export.mp4?encode={encode}")), TestContext.Current.CancellationToken);
        await host.StopAsync();

        Recordings.RequireJust(source.Passed, _folder["rec"]);
        await RequireForeignAsync(source.Passed);
        var (code, _, errors) = await FramewireProcess.RunAsync("recordings", "export", "cam", "--data", _folder["rec"], "-o", _folder["local.mp4"], "--encode", encode);
        Assert.True(code == 0, errors);
        foreach (var file in new[] { "http.mp4", "local.mp4" })
            await RequireTimesAsync(source.Passed, _folder[file], decodeOrder: encode == "copy");
    }

    /// <summary>@mcap/core finds every frame in every file, checks the checksums, and counts what the file says of itself.</summary>
    private async Task RequireForeignAsync(IReadOnlyList<Seen> frames)
    {
        var hashes = new List<string>();
        foreach (var file in Directory.EnumerateFiles(_folder["rec/cam"]).Order(StringComparer.Ordinal))
        {
            var output = await ChildProcess.RunAsync("node", [Repository.PathTo("tests", "interop", "mcap", "read.mjs"), file], Limit);
            var answer = JsonDocument.Parse(output.Split('\n').Last(line => line.StartsWith('{'))).RootElement;
            var indexed = answer.GetProperty("indexed");
            Assert.False(indexed.TryGetProperty("error", out var error), $"{error}");
            Assert.True(answer.GetProperty("streamed").GetProperty("isWhole").GetBoolean());
            var pictures = Messages(indexed, "/cam/picture");
            Assert.Equal(pictures.Count * 2, indexed.GetProperty("statistics").GetProperty("messages").GetInt32());
            var times = pictures.ConvertAll(picture => long.Parse(picture.GetProperty("logTime").GetString()!, CultureInfo.InvariantCulture));
            Assert.Equal(times.Order(), times);
            hashes.AddRange(pictures.Select(picture => picture.GetProperty("sha256").GetString()!.ToUpperInvariant()));
        }

        Assert.Equal(frames.Select(frame => frame.Hash), hashes);
    }

    private static List<JsonElement> Messages(JsonElement found, string topic) =>
        [.. found.GetProperty("channels").EnumerateArray().Single(channel => channel.GetProperty("topic").GetString() == topic).GetProperty("messages").EnumerateArray()];

    /// <summary>The file shows each frame when it was shown, to a tick of the file's clock.</summary>
    private static async Task RequireTimesAsync(IReadOnlyList<Seen> frames, string file, bool decodeOrder)
    {
        var packets = await Probe.PacketsAsync(file);
        Assert.Equal(frames.Count, packets.Count);
        var shown = packets.Select(packet => packet.Pts).ToList();
        var expected = frames.Select(frame => frame.Pts).ToList();
        if (!decodeOrder)
            (shown, expected) = ([.. shown.Order()], [.. expected.Order()]);
        for (var i = 0; i < shown.Count; i++)
            Assert.InRange(((shown[i] - shown[0]) - (expected[i] - expected[0])).Duration(), TimeSpan.Zero, TimeSpan.FromMicroseconds(25));
    }

    [Fact]
    public async Task It_is_listed_played_and_read_from_any_place()
    {
        await using var host = await FramewireHost.StartAsync(Recordings.Server(_folder.Path));
        var source = new RecordingSource(FrameSource.Create(new SourceOptions { Source = "test", Encode = Encoding.Gray, Size = (64, 48), FrameRate = 50 }, TimeProvider.System));
        await using (var publisher = Recordings.Publisher(source, host.Address, options => options with { Frames = 100 }))
            await publisher.RunAsync(TestContext.Current.CancellationToken).WaitAsync(Limit);
        await using var connection = host.Connect();

        var list = await connection.UnaryAsync(RecordingsContract.List, new ListRequest());
        var recording = Assert.Single(list.Recordings);
        Assert.Equal(("cam", 100ul, 1u, false, ""), (recording.Stream, recording.Frames, recording.Segments, recording.Active, recording.Error));
        var timeline = await connection.UnaryAsync(RecordingsContract.Timeline, new TimelineRequest { Stream = "cam" });
        Assert.Equal((1ul, 100ul, 0), (Assert.Single(timeline.Spans).FirstSequence, timeline.Spans[0].LastSequence, timeline.Gaps.Count));

        var half = new ReadRequest { Stream = "cam", FromUnixMicros = (recording.FirstCapturedAtUnixMicros + recording.LastCapturedAtUnixMicros) / 2, MaxFrames = 7 };
        var (frames, others) = await Recordings.ReadAsync(connection, half);
        Assert.Equal((7, ReadResponse.MessageOneofCase.Started), (frames.Count, Assert.Single(others).MessageCase));
        Assert.InRange(frames[0].Sequence, 40ul, 60ul);
        var position = new ReadRequest { Stream = "cam", FromPosition = new Position { Session = others[0].Started.Session, Sequence = 98 } };
        Assert.Equal(source.Passed.TakeLast(3), (await Recordings.ReadAsync(connection, position)).Frames);

        var began = System.Diagnostics.Stopwatch.GetTimestamp();
        Assert.Equal(100, (await Recordings.ReadAsync(connection, new ReadRequest { Stream = "cam", Speed = 4 })).Frames.Count);
        Assert.True(System.Diagnostics.Stopwatch.GetElapsedTime(began) > TimeSpan.FromSeconds(99 / 50.0 / 4 * 0.9));
    }

    [Fact]
    public async Task What_is_not_there_or_makes_no_sense_is_refused_by_name()
    {
        await using var host = await FramewireHost.StartAsync(Recordings.Server(_folder.Path));
        await host.PublishAsync(FaultScene.SmallImages with { Fast = true }, options => options with { Frames = 3, Ack = PublishAck.Persisted });
        await using var connection = host.Connect();

        async Task<GrpcStatusCode> StatusAsync(ReadRequest request) =>
            (await Assert.ThrowsAsync<GrpcException>(() => Recordings.ReadAsync(connection, request))).Status.Code;

        Assert.Equal(GrpcStatusCode.NotFound, await StatusAsync(new ReadRequest { Stream = "nobody" }));
        Assert.Equal(GrpcStatusCode.InvalidArgument, await StatusAsync(new ReadRequest { Stream = "../cam" }));
        Assert.Equal(GrpcStatusCode.InvalidArgument, await StatusAsync(new ReadRequest { Stream = "cam", Speed = -1 }));
        Assert.Equal(GrpcStatusCode.InvalidArgument, await StatusAsync(new ReadRequest { Stream = "cam", Speed = double.NaN }));
        Assert.Equal(GrpcStatusCode.OutOfRange, await StatusAsync(new ReadRequest { Stream = "cam", FromUnixMicros = long.MaxValue }));
        Assert.Equal(GrpcStatusCode.OutOfRange, await StatusAsync(new ReadRequest { Stream = "cam", FromPosition = new Position { Session = "other", Sequence = 1 } }));
        Assert.Equal(GrpcStatusCode.OutOfRange, await StatusAsync(new ReadRequest { Stream = "cam", UntilUnixMicros = 1 }));
        using var http = new HttpClient();
        foreach (var (path, status) in new[] { ("nobody/export.mp4", 404), ("cam/export.mp4?encode=vp9", 400), ("cam/export.mp4", 422) })
            Assert.Equal((HttpStatusCode)status, (await http.GetAsync(new Uri(host.Web, $"recordings/{path}"))).StatusCode);
    }

    [Fact]
    public async Task A_level_that_nothing_here_reaches_is_refused()
    {
        await using var host = await FramewireHost.StartAsync();

        var fault = await Assert.ThrowsAnyAsync<Exception>(() => host.PublishAsync(FaultScene.SmallImages with { Fast = true }, options => options with { Frames = 3, Ack = PublishAck.Persisted }));

        Assert.Contains("does not record it", fault.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task F20_One_wrong_byte_costs_its_chunk_and_verify_says_so()
    {
        await using (var host = await FramewireHost.StartAsync(Recordings.Server(_folder.Path, options => options with { FlushBytes = 10 * 3072 })))
            await host.PublishAsync(FaultScene.SmallImages with { Fast = true }, options => options with { Frames = 100, Ack = PublishAck.Persisted });
        var file = Assert.Single(Directory.EnumerateFiles(_folder["cam"]));
        var (good, output, _) = await FramewireProcess.RunAsync("recordings", "verify", "--data", _folder.Path);
        Assert.True(good == 0 && output.Contains("1 files, 100 frames, all good", StringComparison.Ordinal), output);
        var bytes = File.ReadAllBytes(file);
        bytes[bytes.Length / 2] ^= 4;
        File.WriteAllBytes(file, bytes);

        var (bad, said, _) = await FramewireProcess.RunAsync("recordings", "verify", "cam", "--data", _folder.Path);

        Assert.Equal(1, bad);
        Assert.Contains("1 damaged", said, StringComparison.Ordinal);
        var left = Recordings.ReadFolder(_folder.Path).ConvertAll(frame => frame.Sequence);
        Assert.InRange(left.Count, 20, 99);
        Assert.Equal(left.Order().Distinct(), left);
    }
}
