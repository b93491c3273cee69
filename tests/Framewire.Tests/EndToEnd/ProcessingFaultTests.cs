using Framewire.Edge;
using Framewire.Edge.Sources;
using Framewire.Protocol.V1;
using Framewire.Protocol.Wire;
using Framewire.Server;
using Framewire.Server.Processing;
using Framewire.Tests.Testing;
using ResultState = Framewire.Protocol.Video.ResultState;

namespace Framewire.Tests.EndToEnd;

/// <summary>Processors that crash, hang and misbehave: what becomes of the frames, and of everybody else.</summary>
public sealed class ProcessingFaultTests
{
    private static readonly SourceOptions Pattern = new() { Source = "test", Encode = Encoding.Jpeg, Size = (320, 240), Fast = true };

    private static Func<PublisherOptions, PublisherOptions> Lossless(long frames, string stream = "cam") =>
        options => options with { Frames = frames, Ack = PublishAck.Processed, Mode = PublishMode.Lossless, Stream = stream };

    private static Task<FramewireHost> HostAsync(ProcessingOptions? options = null) =>
        FramewireHost.StartAsync(new FramewireOptions { Processing = options ?? new() });

    [Fact]
    public async Task A_crash_in_the_middle_of_a_lossless_run_costs_no_frame_and_none_is_answered_twice()
    {
        await using var host = await HostAsync();
        var acks = new List<(ulong, int?)>();
        var first = await Instance.AttachAsync(host.Address, Instance.Wanting(credit: 3));
        var publishing = host.PublishAsync(Pattern, Lossless(120), (sequence, results) => acks.Add((sequence, Assert.Single(results).Reply)));
        await first.WorkAsync(40);
        await Eventually.TrueAsync(() => acks.Count >= 40);
        await first.DisposeAsync();
        await Eventually.TrueAsync(() => !host.Streams.Find("cam")!.Status().Processors[0].IsAttached);

        await using var second = await Instance.AttachAsync(host.Address, Instance.Wanting(credit: 3));
        var rest = await second.WorkAsync(80);

        Assert.Equal(120, (await publishing).Acked);
        Assert.Equal(Enumerable.Range(1, 120).Select(n => ((ulong)n, (int?)n)), acks);
        // Those that the first one held come first or among the first, after those in the queue: all of them, each once.
        Assert.Equal(Enumerable.Range(41, 80).Select(n => (ulong)n), rest.Select(frame => frame.Sequence).Order());
    }

    [Fact]
    public async Task A_crash_costs_a_live_session_only_results_and_they_are_back_with_the_processor()
    {
        await using var host = await HostAsync();
        await using var camera = LiveCamera.Start(host, "cam", Encoding.Jpeg);
        var first = await Instance.AttachAsync(host.Address, Instance.Wanting(mode: Mode.Live));
        await first.WorkAsync(10);
        await first.DisposeAsync();
        await Eventually.TrueAsync(() => !host.Streams.Find("cam")!.Status().Processors[0].IsAttached);
        var (acked, dropped) = (camera.Publisher.Snapshot().Acked, camera.Publisher.Snapshot().DroppedTotal);
        await Eventually.TrueAsync(() => camera.Publisher.Snapshot().Acked > acked + 10);

        await using var second = await Instance.AttachAsync(host.Address, Instance.Wanting(mode: Mode.Live));
        Assert.Equal(10, (await second.WorkAsync(10)).Count);

        Assert.Equal(dropped, camera.Publisher.Snapshot().DroppedTotal);
    }

    [Fact]
    public async Task Three_instances_share_three_streams_and_each_stream_is_answered_in_order()
    {
        await using var host = await HostAsync();
        await using var one = await Instance.AttachAsync(host.Address, Instance.Wanting(credit: 2));
        await using var two = await Instance.AttachAsync(host.Address, Instance.Wanting(credit: 2));
        await using var three = await Instance.AttachAsync(host.Address, Instance.Wanting(credit: 2));
        var working = new[] { one.WorkAsync(), two.WorkAsync(), three.WorkAsync() };
        string[] streams = ["a", "b", "c"];
        var acks = streams.ToDictionary(stream => stream, _ => new List<ulong>());

        var ends = await Task.WhenAll(streams.Select(stream => host.PublishAsync(Pattern, Lossless(150, stream), (sequence, results) =>
        {
            Assert.Equal((ResultState.Done, (int)sequence), (Assert.Single(results).State, results[0].Reply));
            acks[stream].Add(sequence);
        })));
        await Task.WhenAll(one.CompleteAsync(), two.CompleteAsync(), three.CompleteAsync());
        var done = await Task.WhenAll(working);

        Assert.All(ends, end => Assert.Equal(150, end.Acked));
        Assert.All(streams, stream => Assert.Equal(Enumerable.Range(1, 150).Select(n => (ulong)n), acks[stream]));
        Assert.Equal(450, done.SelectMany(frames => frames).Distinct().Count());
        Assert.Equal(450, done.Sum(frames => frames.Count));
        Assert.All(done, frames => Assert.NotEmpty(frames));
    }

    [Fact]
    public async Task A_processor_that_never_answers_is_given_up_and_a_live_session_never_noticed()
    {
        await using var host = await HostAsync(new() { AnswerTimeout = TimeSpan.FromMilliseconds(300), HeartbeatInterval = TimeSpan.FromMilliseconds(50) });
        await using var camera = LiveCamera.Start(host, "cam", Encoding.Jpeg);
        await using var instance = await Instance.AttachAsync(host.Address, Instance.Wanting(mode: Mode.Live));
        await instance.NextAsync();
        var dropped = camera.Publisher.Snapshot().DroppedTotal;

        var failure = await instance.FailureAsync();

        Assert.Equal(GrpcStatusCode.DeadlineExceeded, failure.Status.Code);
        Assert.Contains("Processing:AnswerTimeout", failure.Status.Message, StringComparison.Ordinal);
        Assert.Equal(dropped, camera.Publisher.Snapshot().DroppedTotal);
    }

    [Fact]
    public async Task A_frame_that_kills_each_instance_is_given_up_after_the_third()
    {
        await using var host = await HostAsync();
        var results = new List<ResultState>();
        var instance = await Instance.AttachAsync(host.Address, Instance.Wanting());
        var publishing = host.PublishAsync(Pattern, Lossless(5), (_, made) => results.Add(Assert.Single(made).State));
        for (var n = 0; n < 3; n++)
        {
            // The next frame may have been in the queue before this one came back.
            while (await instance.NextAsync() is var (_, sequence, _) && sequence != 1)
                await instance.AnswerAsync("cam", sequence, new Result());
            await instance.DisposeAsync();
            await Eventually.TrueAsync(() => !host.Streams.Find("cam")!.Status().Processors[0].IsAttached);
            instance = await Instance.AttachAsync(host.Address, Instance.Wanting());
        }

        _ = instance.WorkAsync();

        Assert.Equal(5, (await publishing).Acked);
        Assert.Equal([ResultState.Failed, .. Enumerable.Repeat(ResultState.Done, 4)], results);
        await instance.DisposeAsync();
    }

    [Fact]
    public async Task A_lossless_publisher_waits_for_its_first_processor_and_for_one_that_is_gone_no_longer_than_the_patience()
    {
        await using var host = await HostAsync(new() { Patience = TimeSpan.FromMilliseconds(300) });
        var states = new List<ResultState>();
        var publishing = host.PublishAsync(Pattern, Lossless(50), (_, made) => states.AddRange(made.Select(result => result.State)));
        await Eventually.TrueAsync(() => host.Streams.Find("cam") is not null);
        Assert.Null(host.Streams.Find("cam")!.Status().Session);

        var instance = await Instance.AttachAsync(host.Address, Instance.Wanting());
        await instance.WorkAsync(10);
        await Eventually.TrueAsync(() => states.Count == 10);
        await instance.DisposeAsync();

        Assert.Equal(50, (await publishing).Acked);
        // Those that were there in time to wait are skipped; what comes later has nobody to wait for.
        Assert.Equal(10, states.Count(state => state == ResultState.Done));
        Assert.Contains(ResultState.Skipped, states);
        Assert.False(host.Streams.Find("cam")!.Status().Processors[0].IsAttached);
    }

    [Fact]
    public async Task A_server_that_drains_lets_publishers_have_their_last_results_first()
    {
        await using var host = await HostAsync();
        await using var instance = await Instance.AttachAsync(host.Address, Instance.Wanting(credit: 64));
        var replies = 0;
        var publishing = host.PublishAsync(Pattern, Lossless(5), (_, made) => replies += made.Count(result => result.State == ResultState.Done));
        var held = new List<ulong>();
        while (held.Count < 5)
            held.Add((await instance.NextAsync())!.Value.Sequence);

        var stopping = host.StopAsync();
        foreach (var sequence in held)
            await instance.AnswerAsync("cam", sequence, new Result { Reply = 1 });

        Assert.Equal(5, (await publishing).Acked);
        Assert.Equal(GrpcStatusCode.Unavailable, (await instance.FailureAsync()).Status.Code);
        await stopping.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(5, replies);
    }

    [Fact]
    public async Task A_decoder_that_cannot_be_had_is_told_with_each_frame_and_in_the_list_and_ends_nothing()
    {
        await using var host = await FramewireHost.StartAsync(new FramewireOptions { Forms = new() { Ffmpeg = "/no/such/ffmpeg" } });
        await using var instance = await Instance.AttachAsync(host.Address, Instance.Wanting(mode: Mode.Live, form: new Protocol.V1.FrameForm { Codec = Codec.Gray }));
        await using var camera = LiveCamera.Start(host, "cam", Encoding.H264);

        await Eventually.TrueAsync(() => host.Streams.Find("cam")?.Status().Processors is [{ Error.Length: > 0, Counts.Failed: > 0 }]);

        Assert.Contains("/no/such/ffmpeg", host.Streams.Find("cam")!.Status().Processors[0].Error, StringComparison.Ordinal);
        var acked = camera.Publisher.Snapshot().Acked;
        await Eventually.TrueAsync(() => camera.Publisher.Snapshot().Acked > acked);
    }

    [Theory]
    [InlineData("unknown frame", "waits for no answer")]
    [InlineData("twice", "waits for no answer")]
    [InlineData("not a number", "not a finite number")]
    [InlineData("too many", "more than 1000")]
    [InlineData("too large", "larger than 65536 bytes")]
    [InlineData("empty label", "a label is not 1 to 128 characters")]
    [InlineData("escape sequence", "none of them control characters")]
    public async Task A_wrong_answer_ends_the_call_and_says_what_is_wrong(string what, string expected)
    {
        await using var host = await HostAsync();
        await using var camera = LiveCamera.Start(host, "cam", Encoding.Jpeg);
        await using var instance = await Instance.AttachAsync(host.Address, Instance.Wanting(mode: Mode.Live));
        var (stream, sequence, _) = (await instance.NextAsync())!.Value;
        var detection = new Detection { Label = "x" };
        var wrong = what switch
        {
            "not a number" => new Result { Detections = { new Detection { Label = "x", Score = float.NaN } } },
            "too many" => new Result { Detections = { Enumerable.Repeat(detection, 1001) } },
            "too large" => new Result { Data = Google.Protobuf.ByteString.CopyFrom(new byte[70_000]) },
            "escape sequence" => new Result { Detections = { new Detection { Label = "\u001b[2J" } } },
            "empty label" => new Result { Detections = { new Detection() } },
            _ => new Result(),
        };
        if (what == "twice")
            await instance.AnswerAsync(stream, sequence);
        await instance.AnswerAsync(stream, what == "unknown frame" ? sequence + 1_000_000 : sequence, wrong);

        var failure = await instance.FailureAsync();

        Assert.True(failure.Status.Code == GrpcStatusCode.InvalidArgument, failure.ToString());
        Assert.Contains(expected, failure.Status.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Instances_of_one_name_must_want_the_same_and_are_limited_and_so_are_names()
    {
        await using var host = await HostAsync(new() { Processors = "motion", MaxProcessors = 2, MaxInstances = 1 });
        await using var instance = await Instance.AttachAsync(host.Address, Instance.Wanting());

        Assert.Equal(GrpcStatusCode.FailedPrecondition, await RefusalAsync(Instance.Wanting(mode: Mode.Live)));
        Assert.Equal(GrpcStatusCode.FailedPrecondition, await RefusalAsync(Instance.Wanting(streams: "cam-*")));
        Assert.Equal(GrpcStatusCode.FailedPrecondition, await RefusalAsync(Instance.Wanting("motion")));
        Assert.Equal(GrpcStatusCode.ResourceExhausted, await RefusalAsync(Instance.Wanting()));
        Assert.Equal(GrpcStatusCode.ResourceExhausted, await RefusalAsync(Instance.Wanting("faces")));
        await instance.DisposeAsync();
        await Eventually.TrueAsync(() => host.Processors.Troubles().Count == 1);
        // One that has crashed makes room.
        await using var faces = await Instance.AttachAsync(host.Address, Instance.Wanting("faces"));

        async Task<GrpcStatusCode> RefusalAsync(Attach attach)
        {
            var refused = await Assert.ThrowsAsync<GrpcException>(() => Instance.AttachAsync(host.Address, attach));
            return refused.Status.Code;
        }
    }
}
