using Framewire.Protocol.Video;
using Framewire.Server.Streams;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Server;

/// <summary>What a lossless publisher sends behind later frames, what it need not send, and what is said of frames on disk.</summary>
public sealed class BackfillTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly ManualClock _clock = new();
    private readonly StreamSession _session = new("s1", ManualClock.Start, Frames.H264) { IsLossless = true, IsKeptUntilPersisted = true };

    private LiveStream Stream(StreamLimits? limits = null, Func<string, SequenceSet?>? remember = null) => new("cam", limits ?? new StreamLimits(), _clock, remember);

    private Publication Publish(LiveStream stream) => stream.TryPublish(_session, "peer", "agent", AwaitedAcks.Persisted)!;

    private static async Task<string> SendAsync(Publication publication, params ulong[] sequences)
    {
        var outcomes = new List<PublishOutcome>();
        foreach (var sequence in sequences)
            outcomes.Add(await publication.PublishAsync(Frames.One(sequence), TestContext.Current.CancellationToken));
        return string.Join(' ', outcomes);
    }

    private static async Task<string> DrainAsync(Subscription reader)
    {
        var seen = new List<string>();
        using var over = new CancellationTokenSource();
        await over.CancelAsync();
        try
        {
            while (await reader.NextAsync(over.Token) is { } next)
            {
                (next as StreamEvent.Arrived)?.Frame.Release();
                seen.Add(next switch
                {
                    StreamEvent.Arrived { Frame.Sequence: var sequence } => $"{sequence}",
                    StreamEvent.Missed { Gap: var gap } => $"g{gap.First}-{gap.Last}{(gap.Reason == DropReason.Unspecified ? "?" : "")}",
                    StreamEvent.Started => "s",
                    _ => "o",
                });
            }
        }
        catch (OperationCanceledException)
        {
            // There is no more.
        }

        return string.Join(' ', seen);
    }

    private static async Task<string> PersistedAsync(Publication publication) =>
        string.Join(' ', await publication.NextPersistedAsync(TestContext.Current.CancellationToken).WaitAsync(Patience));

    [Fact]
    public async Task What_comes_late_reaches_lossless_readers_and_no_viewer()
    {
        var stream = Stream();
        using var publication = Publish(stream);
        using var viewer = stream.TrySubscribe(Overflow.DropToKeyframe)!;
        using var lossless = stream.TrySubscribe(Overflow.Wait)!;

        Assert.Equal("Received Received Received Received Duplicate", await SendAsync(publication, 1, 4, 2, 3, 2));

        Assert.Equal("s 1 g2-3? 4", await DrainAsync(viewer));
        Assert.Equal("s 1 g2-3? 4 2 3", await DrainAsync(lossless));
        Assert.Equal((4ul, 1ul, 0ul, 4ul), (_session.Frames, _session.Duplicates, _session.Missing, _session.ReceivedSequence));
    }

    [Fact]
    public async Task A_gap_that_is_told_need_not_come_and_accounts_for_nothing_but_itself()
    {
        var stream = Stream();
        using var publication = Publish(stream);
        using var lossless = stream.TrySubscribe(Overflow.Wait)!;

        await SendAsync(publication, 1);
        publication.Report(new Gap(5, 6, DropReason.SpoolFull));
        Assert.Equal("Received Received Received Duplicate", await SendAsync(publication, 7, 3, 2, 5));

        Assert.Equal("s 1 g2-4? g5-6 7 3 2", await DrainAsync(lossless));
        Assert.Equal("1-3 5-7", string.Join(' ', publication.Held(HeldLevel.Received, most: 10)));
        Assert.Equal(3ul, _session.Missing);
    }

    [Fact]
    public async Task A_gap_that_overlaps_what_came_is_told_to_a_viewer_only_as_far_as_it_is_news()
    {
        var stream = Stream();
        using var publication = Publish(stream);
        using var viewer = stream.TrySubscribe(Overflow.DropToKeyframe)!;
        using var lossless = stream.TrySubscribe(Overflow.Wait)!;

        await SendAsync(publication, 1, 2, 3);
        publication.Report(new Gap(2, 5, DropReason.SpoolFull));
        publication.Report(new Gap(1, 2, DropReason.SpoolFull));
        await SendAsync(publication, 6);

        Assert.Equal("s 1 2 3 g4-5 6", await DrainAsync(viewer));
        Assert.Equal("s 1 2 3 g2-5 g1-2 6", await DrainAsync(lossless));
    }

    [Fact]
    public async Task A_lossless_reader_is_told_of_a_gap_before_the_first_frame()
    {
        var stream = Stream();
        using var publication = Publish(stream);
        using var lossless = stream.TrySubscribe(Overflow.Wait)!;

        publication.Report(new Gap(1, 2, DropReason.SpoolFull));
        await SendAsync(publication, 3);

        Assert.Equal("s g1-2 3", await DrainAsync(lossless));
    }

    [Fact]
    public async Task A_session_with_too_many_holes_must_fill_some_in_first()
    {
        using var publication = Publish(Stream(new StreamLimits { MaxRunsPerSession = 3 }));

        Assert.Equal("Received Received Received TooScattered", await SendAsync(publication, 1, 3, 5, 7));
        Assert.Equal("Received Received", await SendAsync(publication, 2, 7));
    }

    [Fact]
    public async Task What_was_on_disk_before_the_server_began_need_not_come_again()
    {
        var stream = Stream(remember: session => session == "s1" ? new SequenceSet([new(1, 4), new(7, 9)]) : null);
        using var publication = Publish(stream);

        Assert.Equal((9ul, "1-4 7-9"), (_session.ReceivedSequence, string.Join(' ', publication.Held(HeldLevel.Persisted, most: 10))));
        Assert.Equal("1-4", string.Join(' ', publication.Held(HeldLevel.Persisted, most: 1)));
        Assert.Equal("Duplicate Received Received", await SendAsync(publication, 8, 5, 10));
        Assert.Equal("8", await PersistedAsync(publication));
    }

    [Fact]
    public async Task Each_call_is_told_of_its_own_frames_on_disk_in_runs()
    {
        var stream = Stream();
        stream.RecordingStarted();
        using var publication = Publish(stream);
        await SendAsync(publication, 1, 2, 3, 4);

        stream.MarkPersisted(_session, [new(1, 2)]);
        Assert.Equal("1-2", await PersistedAsync(publication));
        stream.MarkPersisted(_session, [new(3, 9)]);
        await SendAsync(publication, 1);
        Assert.Equal("1 3-4", await PersistedAsync(publication));
        Assert.Equal((0ul, 9ul), (publication.Unpersisted, publication.PersistedSequence));
    }

    [Fact]
    public async Task A_call_that_has_said_its_last_waits_until_all_is_on_disk()
    {
        var stream = Stream();
        stream.RecordingStarted();
        using var publication = Publish(stream);
        await SendAsync(publication, 1);
        publication.NoMore();

        var next = publication.NextPersistedAsync(TestContext.Current.CancellationToken);
        Assert.False(next.IsCompleted);
        stream.MarkPersisted(_session, [new(1, 1)]);

        Assert.Equal(new SequenceRun(1, 1), Assert.Single(await next.WaitAsync(Patience)));
        Assert.Equal("", await PersistedAsync(publication));
    }

    [Fact]
    public async Task What_had_not_got_to_disk_when_recording_stopped_ends_the_call_and_is_taken_again()
    {
        var stream = Stream();
        stream.RecordingStarted();
        using var publication = Publish(stream);
        await SendAsync(publication, 1, 2);
        stream.MarkPersisted(_session, [new(1, 1)]);
        stream.RecordingStopped("the disk is full");
        publication.NoMore();

        Assert.Equal(new RecordingStatus(RecordingState.Stopped, "the disk is full"), stream.Recording);
        Assert.Equal(("1", ""), (await PersistedAsync(publication), await PersistedAsync(publication)));
        Assert.Equal(1ul, publication.Unpersisted);
        Assert.Equal("1", string.Join(' ', publication.Held(HeldLevel.Received, most: 10)));
        Assert.Equal("Duplicate Received", await SendAsync(publication, 1, 2));
    }

    [Fact]
    public async Task What_came_while_recording_was_stopped_must_come_again_even_if_the_call_ends_later()
    {
        var stream = Stream();
        stream.RecordingStarted();
        using var publication = Publish(stream);
        var asked = 0;
        publication.RecordingResumed = () => asked++;
        stream.RecordingStopped("the disk is full");
        await SendAsync(publication, 1);
        stream.RecordingStarted();
        await SendAsync(publication, 2);
        stream.MarkPersisted(_session, [new(2, 2)]);
        publication.NoMore();

        Assert.Equal(("2", "", 1ul, 1), (await PersistedAsync(publication), await PersistedAsync(publication), publication.Unpersisted, asked));
        Assert.Equal("Received", await SendAsync(publication, 1));
    }

    [Fact]
    public async Task A_recorder_takes_no_viewers_place_and_keeps_no_stream_that_nobody_wants()
    {
        var stream = Stream(new StreamLimits { MaxViewersPerStream = 1 });
        using var recorder = stream.TrySubscribeResident()!;
        stream.TrySubscribe(Overflow.DropToKeyframe)!.Dispose();
        using (var publication = Publish(stream))
            await SendAsync(publication, 1);
        _clock.Advance(TimeSpan.FromHours(1));

        Assert.False(stream.TryClose(_clock.GetUtcNow()), "The recorder has not got everything.");
        Assert.Equal("s 1 o", await DrainAsync(recorder));
        Assert.True(stream.TryClose(_clock.GetUtcNow()));
        Assert.Null(await recorder.NextAsync(TestContext.Current.CancellationToken));
    }
}
