using Framewire.Protocol.Video;
using Framewire.Server.Streams;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Server;

/// <summary>Which frames wait for whose answers, and in which order they are told.</summary>
public sealed class ProcessorSeatTests
{
    private static readonly StreamFormat Jpeg = new(Codec.Jpeg, 64, 48);
    private readonly ManualClock _clock = new();

    private LiveStream Stream(StreamLimits? limits = null) => new("cam", limits ?? new StreamLimits(), _clock);

    private static StreamSession Session(StreamFormat? format = null, bool isLossless = false, string id = "s1") =>
        new(id, ManualClock.Start, format ?? Jpeg) { IsLossless = isLossless };

    private static async Task PublishAsync(Publication publication, string kinds, ulong first = 1)
    {
        foreach (var frame in Frames.Of(kinds, first))
            await publication.PublishAsync(frame, TestContext.Current.CancellationToken);
    }

    /// <summary>The acks that are ready: a sequence and each result's state, or its reply.</summary>
    private static async Task<string> AcksAsync(Publication publication)
    {
        using var now = new CancellationTokenSource();
        var next = publication.NextProcessedAsync(now.Token);
        await now.CancelAsync();
        try
        {
            return string.Join(' ', (await next).Select(frame =>
                $"{frame.Sequence}:{string.Join(',', frame.Results.Select(result => result.State == ResultState.Done ? $"{result.Processor}={result.Reply}" : $"{result.State}"))}"));
        }
        catch (OperationCanceledException)
        {
            return "";
        }
    }

    private static FrameResult Reply(int reply) => new() { Reply = reply };

    [Fact]
    public async Task Without_processors_every_frame_is_processed_at_once_with_nothing_to_say()
    {
        using var publication = Stream().TryPublish(Session(), "peer", "agent", AwaitedAcks.Processed)!;

        await PublishAsync(publication, "KKK");

        Assert.Equal("1: 2: 3:", await AcksAsync(publication));
    }

    [Fact]
    public async Task Answers_in_any_order_are_told_in_the_order_of_the_frames()
    {
        var stream = Stream();
        using var seat = stream.TakeSeat("people");
        using var publication = stream.TryPublish(Session(), "peer", "agent", AwaitedAcks.Processed)!;
        await PublishAsync(publication, "KKK");
        Assert.True(seat.Take("s1", 1) && seat.Take("s1", 2) && seat.Take("s1", 3));

        seat.Answer("s1", 3, Reply(30));
        seat.Answer("s1", 2, Reply(20));
        Assert.Equal("", await AcksAsync(publication));
        seat.Answer("s1", 1, Reply(10));

        Assert.Equal("1:people=10 2:people=20 3:people=30", await AcksAsync(publication));
        Assert.Equal((3ul, 0ul), (seat.Counts().Done, seat.Counts().Skipped));
    }

    [Fact]
    public async Task A_frame_waits_for_every_processor_and_carries_their_results_by_name()
    {
        var stream = Stream();
        using var people = stream.TakeSeat("people");
        using var motion = stream.TakeSeat("motion");
        using var publication = stream.TryPublish(Session(), "peer", "agent", AwaitedAcks.Processed)!;
        await PublishAsync(publication, "K");
        people.Take("s1", 1);
        motion.Take("s1", 1);

        people.Answer("s1", 1, Reply(2));
        Assert.Equal("", await AcksAsync(publication));
        motion.Answer("s1", 1, Reply(1));

        Assert.Equal("1:motion=1,people=2", await AcksAsync(publication));
    }

    [Fact]
    public async Task What_a_processor_passed_by_is_skipped_and_what_it_holds_is_not()
    {
        var stream = Stream();
        using var seat = stream.TakeSeat("people");
        using var publication = stream.TryPublish(Session(), "peer", "agent", AwaitedAcks.Processed)!;
        await PublishAsync(publication, "KKKKK");

        seat.Take("s1", 1);
        seat.Take("s1", 4);
        Assert.Equal("", await AcksAsync(publication));
        seat.Answer("s1", 1, Reply(1));

        Assert.Equal("1:people=1 2:Skipped 3:Skipped", await AcksAsync(publication));
        Assert.Equal(2ul, seat.Counts().Skipped);
    }

    [Fact]
    public async Task A_decoder_hands_out_in_the_order_of_times_so_that_is_what_counts_as_passed()
    {
        var stream = Stream();
        using var seat = stream.TakeSeat("people");
        using var publication = stream.TryPublish(Session(Frames.H264), "peer", "agent", AwaitedAcks.Processed)!;
        // I P B in decode order: shown as 1, 3, 2.
        ulong[] times = [1, 3, 2];
        for (var n = 1; n <= 3; n++)
            await publication.PublishAsync(Frames.One((ulong)n, n == 1) with { Pts = TimeSpan.FromSeconds(times[n - 1]) }, TestContext.Current.CancellationToken);

        foreach (var sequence in (ulong[])[1, 3, 2])
        {
            Assert.True(seat.Take("s1", sequence));
            seat.Answer("s1", sequence, Reply((int)sequence));
        }

        Assert.Equal("1:people=1 2:people=2 3:people=3", await AcksAsync(publication));
    }

    [Fact]
    public async Task Odd_times_of_pictures_that_stand_alone_pass_none_by()
    {
        var stream = Stream();
        using var seat = stream.TakeSeat("people");
        using var publication = stream.TryPublish(Session(), "peer", "agent", AwaitedAcks.Processed)!;
        for (var n = 1ul; n <= 3; n++)
            await publication.PublishAsync(Frames.One(n) with { Pts = n == 2 ? TimeSpan.Zero : TimeSpan.FromSeconds(n) }, TestContext.Current.CancellationToken);

        seat.Take("s1", 1);
        Assert.True(seat.Take("s1", 2));
    }

    [Fact]
    public async Task Whoever_leaves_holds_nothing_up()
    {
        var stream = Stream();
        var seat = stream.TakeSeat("people");
        using var publication = stream.TryPublish(Session(), "peer", "agent", AwaitedAcks.Processed)!;
        await PublishAsync(publication, "KK");
        seat.Take("s1", 1);

        seat.Dispose();
        await PublishAsync(publication, "K", first: 3);

        Assert.Equal("1:Skipped 2:Skipped 3:", await AcksAsync(publication));
    }

    [Fact]
    public async Task A_decoder_that_fails_says_why_with_each_frame()
    {
        var stream = Stream();
        using var seat = stream.TakeSeat("people");
        using var publication = stream.TryPublish(Session(), "peer", "agent", AwaitedAcks.Processed)!;
        await PublishAsync(publication, "K");

        seat.GiveUpWhatWaits(error: "no decoder");

        Assert.Equal("1:Failed", await AcksAsync(publication));
        Assert.Equal(1ul, seat.Counts().Failed);
    }

    [Fact]
    public async Task A_processor_that_hangs_makes_no_heap_of_frames()
    {
        var stream = Stream(new StreamLimits { HistoryFrames = 10, LosslessLagFrames = 5 });
        using var seat = stream.TakeSeat("people");
        using var publication = stream.TryPublish(Session(), "peer", "agent", AwaitedAcks.Processed)!;
        await PublishAsync(publication, "K");
        seat.Take("s1", 1);

        await PublishAsync(publication, new string('K', 11), first: 2);

        Assert.Equal("1:Skipped 2:Skipped", await AcksAsync(publication));
        seat.Answer("s1", 1, Reply(1));
        Assert.Equal(0ul, seat.Counts().Done);
    }

    [Fact]
    public async Task A_frame_that_comes_again_is_told_what_was_made_of_it()
    {
        var stream = Stream();
        using var seat = stream.TakeSeat("people");
        var session = Session(isLossless: true);
        using (var first = stream.TryPublish(session, "peer", "agent", AwaitedAcks.Processed)!)
        {
            await PublishAsync(first, "KK");
            seat.Take("s1", 1);
            seat.Answer("s1", 1, Reply(7));
            Assert.Equal("1-1", string.Join(' ', first.Held(HeldLevel.Processed, 10).Select(run => $"{run.First}-{run.Last}")));
        }

        using var again = stream.TryPublish(session, "peer", "agent", AwaitedAcks.Processed)!;
        await PublishAsync(again, "KK");

        Assert.Equal("1:people=7", await AcksAsync(again));
        seat.Take("s1", 2);
        seat.Answer("s1", 2, Reply(8));
        Assert.Equal("2:people=8", await AcksAsync(again));
        Assert.Equal(2ul, again.ProcessedSequence);
    }

    [Fact]
    public async Task A_viewer_waits_for_results_as_long_as_they_usually_take_and_no_longer_than_its_patience()
    {
        var stream = Stream();
        using var seat = stream.TakeSeat("people");
        using var publication = stream.TryPublish(Session(), "peer", "agent", AwaitedAcks.Processed)!;
        await PublishAsync(publication, "KK");
        var cancellation = TestContext.Current.CancellationToken;
        var patience = TimeSpan.FromMilliseconds(500);

        var first = stream.ResultsOfAsync("s1", 1, patience, cancellation);
        seat.Take("s1", 1);
        _clock.Advance(TimeSpan.FromMilliseconds(200));
        Assert.False(first.IsCompleted);
        seat.Answer("s1", 1, Reply(5));
        Assert.Equal(5, Assert.Single(await first.AsTask().WaitAsync(TimeSpan.FromSeconds(10))).Reply);

        var second = stream.ResultsOfAsync("s1", 2, patience, cancellation).AsTask();
        await _clock.WaitForTimerAsync(TimeSpan.FromSeconds(10));
        _clock.Advance(TimeSpan.FromMilliseconds(300));
        Assert.Empty(await second.WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.Empty(await stream.ResultsOfAsync("s1", 99, patience, cancellation));
    }

    [Fact]
    public async Task The_recorder_takes_each_complete_frame_once_in_order()
    {
        var stream = Stream();
        using var seat = stream.TakeSeat("people");
        using var publication = stream.TryPublish(Session(), "peer", "agent")!;
        await PublishAsync(publication, "KKK");
        var position = 0L;
        Assert.Empty(stream.TakeResults(ref position));

        for (var n = 1ul; n <= 3; n++)
        {
            seat.Take("s1", n);
            seat.Answer("s1", n, n == 2 ? null : Reply((int)n));
        }

        Assert.Equal([1ul, 3ul], stream.TakeResults(ref position).Select(frame => frame.Sequence));
        Assert.Empty(stream.TakeResults(ref position));
        Assert.False(stream.HasPendingResults);
    }
}
