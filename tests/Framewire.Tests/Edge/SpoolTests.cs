using Framewire.Edge;
using Framewire.Protocol.Video;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Edge;

/// <summary>Frames that wait on disk, and a publisher that ends, is killed, or loses its power meanwhile.</summary>
public sealed class SpoolTests : IDisposable
{
    private readonly Folder _folder = Folder.InMemory();
    private readonly ManualClock _clock = new();

    public void Dispose() => _folder.Dispose();

    private static IEnumerable<(ulong, string)> Numbers(IEnumerable<SentNow> sent) => sent.Select(frame => (frame.Sequence, frame.Hash));

    private static IEnumerable<(ulong, string)> Numbers(int first, int count, int number = 0) =>
        Enumerable.Range(0, count).Select(i => ((ulong)(first + i), SpoolBench.HashOf((number == 0 ? first : number) + i)));

    [Fact]
    public async Task The_next_run_goes_on_where_the_last_one_stopped_byte_for_byte()
    {
        using (var first = new SpoolBench(_folder.Path, _clock))
        {
            await first.CaptureAsync(1, 20);
            first.Outbox.Abandon();
            Assert.Equal(20, first.Now.Spooled);
        }

        using var second = new SpoolBench(_folder.Path, _clock);
        Assert.Equal((20L, 20L, 21ul), (second.Now.Captured, second.Now.Spooled, second.Outbox.NextSequence + 20));
        await second.CaptureAsync(21, 3);
        second.LetPass(TimeSpan.FromSeconds(1));
        second.Outbox.LinkUp(new SequenceSet([new SequenceRun(1, 4)]), TimeSpan.Zero);

        var sent = await second.DrainAsync();

        Assert.Equal(Numbers(5, 19), Numbers(sent));
        Assert.Equal(sent.Select(frame => frame.Pts).Order().Distinct(), sent.Select(frame => frame.Pts));
        Assert.Equal((23L, 23L, 0L), (second.Now.Captured, second.Now.Acked, second.Now.DroppedTotal));
    }

    [Fact]
    public async Task A_session_that_is_over_and_acknowledged_leaves_nothing_behind()
    {
        string session;
        using (var bench = new SpoolBench(_folder.Path, _clock))
        {
            session = bench.Session.Id;
            bench.Outbox.LinkUp(new SequenceSet(), TimeSpan.Zero);
            await bench.CaptureAsync(1, 20);
            await bench.DrainAsync();
        }

        Assert.Equal([_folder["cam/lock"]], Directory.EnumerateFileSystemEntries(_folder["cam"]));
        using var next = new SpoolBench(_folder.Path, _clock);
        Assert.NotEqual(session, next.Session.Id);
        Assert.Equal(1ul, next.Outbox.NextSequence);
    }

    [Fact]
    public async Task Files_of_which_all_is_acknowledged_are_deleted_but_for_the_newest()
    {
        using var bench = new SpoolBench(_folder.Path, _clock);
        bench.Outbox.LinkUp(new SequenceSet(), TimeSpan.Zero);
        await bench.CaptureAsync(1, 40);
        var files = bench.Files.Count;
        for (var sequence = 1ul; sequence <= 40; sequence++)
        {
            await bench.SendAsync();
            bench.Outbox.Acknowledge(sequence, duplicate: false);
        }

        Assert.True(files >= 4, $"{files} files");
        bench.LetPass(TimeSpan.FromMilliseconds(200));
        Assert.Equal(files, bench.Files.Count);
        bench.Outbox.Acknowledge(new SequenceRun(1, 39), PublishAck.Persisted);
        bench.LetPass(TimeSpan.FromMilliseconds(200));

        Assert.Single(bench.Files);
        Assert.Equal((39L, 1L), (bench.Now.Acked, bench.Now.InFlight));
    }

    [Fact]
    public async Task F13_A_torn_last_record_is_cut_off_wherever_it_was_torn()
    {
        var seed = Random.Shared.Next(1_000_000);
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        using var bench = new SpoolBench(_folder["of the living"], _clock);
        await bench.CaptureAsync(1, 12);
        for (var round = 0; round < 40; round++)
        {
            var copy = _folder[$"copy-{round}"];
            bench.Copy(copy);
            var last = SpoolBench.FilesOf(copy, bench.Session.Id)[^1];
            using (var file = new FileStream(last, FileMode.Open))
                file.SetLength(random.NextInt64(file.Length + 1));

            using var after = new SpoolBench(copy, _clock);
            var spooled = (int)after.Now.Spooled;
            var next = await CaptureOneAsync(after);
            after.Outbox.LinkUp(new SequenceSet(), TimeSpan.Zero);
            var sent = (await after.DrainAsync()).OrderBy(frame => frame.Sequence).ToList();

            Assert.InRange(spooled, 5, 12);
            Assert.Equal(Numbers(1, spooled), Numbers(sent.Take(spooled)));
            Assert.Equal((next, SpoolBench.HashOf(100)), (sent[^1].Sequence, sent[^1].Hash));
            Assert.True(next == (ulong)spooled + 1 || next > 12, $"frame {next} follows {spooled}");
        }
    }

    private static async Task<ulong> CaptureOneAsync(SpoolBench bench)
    {
        var before = bench.Now.Queued;
        await bench.CaptureAsync(100, 1);
        Assert.Equal(before + 1, bench.Now.Queued);
        bench.Outbox.LinkUp(new SequenceSet(), TimeSpan.Zero);
        var sent = await bench.SendAsync();
        return sent.Sequence;
    }

    [Fact]
    public async Task After_another_boot_numbers_that_may_have_been_lost_are_not_given_again_and_told()
    {
        using var bench = new SpoolBench(_folder["before"], _clock);
        await bench.CaptureAsync(1, 3);
        bench.Copy(_folder["after"]);
        var session = Path.Combine(_folder["after"], "cam", bench.Session.Id, "session.json");
        await File.WriteAllTextAsync(session, (await File.ReadAllTextAsync(session, default(CancellationToken))).Replace(
            (await File.ReadAllTextAsync("/proc/sys/kernel/random/boot_id", default(CancellationToken))).Trim(), "another", StringComparison.Ordinal), default(CancellationToken));

        using var after = new SpoolBench(_folder["after"], _clock);
        await after.CaptureAsync(4, 1);
        // The server had frame 4 and 5 of before the power cut.
        after.Outbox.LinkUp(new SequenceSet([new SequenceRun(2, 2), new SequenceRun(4, 5)]), TimeSpan.Zero);
        var sent = await after.DrainAsync();

        Assert.Equal([257ul, 1, 3], sent.Select(frame => frame.Sequence));
        Assert.Equal([new Gap(6, 256, DropReason.PowerLost)], sent[0].Gaps);
        Assert.Equal((4L, 4L, 0L), (after.Now.Captured, after.Now.Acked, after.Now.DroppedTotal));
    }

    [Fact]
    public async Task Another_format_is_another_session_and_the_earlier_one_is_sent_first()
    {
        using (var first = new SpoolBench(_folder.Path, _clock))
        {
            await first.CaptureAsync(1, 3);
            first.Outbox.Abandon();
        }

        using var second = new SpoolBench(_folder.Path, _clock, format: Frames.H264 with { Width = 128 });
        await second.CaptureAsync(10, 1);

        var earlier = Assert.Single(second.Earlier);
        Assert.Equal((Frames.H264, 3L, 1L), (earlier.Format, earlier.Outbox.Snapshot().Spooled, second.Now.Queued));
        Assert.True(earlier.StartedAt < second.Session.StartedAt, "The server would not let the later one take over.");
        earlier.Outbox.LinkUp(new SequenceSet(), TimeSpan.Zero);
        Assert.Equal((1ul, SpoolBench.HashOf(1)), Numbers([await second.SendAsync(earlier.Outbox)]).Single());
    }

    [Fact]
    public async Task Presentation_times_go_on_behind_those_of_the_run_before_whatever_the_clock_says()
    {
        TimeSpan last;
        using (var first = new SpoolBench(_folder.Path, _clock))
        {
            await first.CaptureAsync(1, 30);
            last = TimeSpan.FromMilliseconds(33 * 30);
            first.Outbox.Abandon();
        }

        using (var quick = new SpoolBench(_folder.Path, _clock))
        {
            Assert.True(quick.Session.PtsOffset > last, $"{quick.Session.PtsOffset} is not behind {last}");
            quick.Outbox.Abandon();
        }

        _clock.Advance(TimeSpan.FromMinutes(5));
        using var late = new SpoolBench(_folder.Path, _clock);
        Assert.Equal(TimeSpan.FromMinutes(5), late.Session.PtsOffset);
    }

    [Fact]
    public void A_second_publisher_of_the_same_stream_is_told_who_is_there()
    {
        using var first = new SpoolBench(_folder.Path, _clock);

        var refused = Assert.Throws<IOException>(() => new SpoolBench(_folder.Path, _clock));

        Assert.Contains("is used by another publisher", refused.Message, StringComparison.Ordinal);
        Assert.Contains("--stream", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_spool_in_a_place_that_cannot_be_says_so()
    {
        File.WriteAllText(_folder["file"], "");

        var refused = Assert.Throws<IOException>(() => new SpoolBench(_folder["file"], _clock));

        Assert.Contains("cannot be made", refused.Message, StringComparison.Ordinal);
    }
}
