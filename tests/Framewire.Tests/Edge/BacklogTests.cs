using Framewire.Edge;
using Framewire.Protocol.Video;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Edge;

/// <summary>Who goes first when something has waited on disk, and how fast it follows.</summary>
public sealed class BacklogTests : IDisposable
{
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(10);
    private readonly Folder _folder = Folder.InMemory();
    private readonly ManualClock _clock = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task F2_New_frames_go_first_and_what_has_waited_takes_a_quarter_of_the_window()
    {
        using var bench = new SpoolBench(_folder.Path, _clock, window: 8);
        await bench.CaptureAsync(1, 5);
        bench.LetPass(Outage);
        await bench.CaptureAsync(6, 2);
        bench.Outbox.LinkUp(new SequenceSet(), TimeSpan.Zero);

        ulong[] sent = [(await bench.SendAsync()).Sequence, (await bench.SendAsync()).Sequence, (await bench.SendAsync()).Sequence, (await bench.SendAsync()).Sequence];

        Assert.Equal([6ul, 7, 1, 2], sent);
        var third = bench.SendAsync();
        Assert.False(third.IsCompleted);
        Assert.Equal((3L, 4L), (bench.Now.Spooled, bench.Now.InFlight));
        bench.Outbox.Acknowledge(1, duplicate: false);
        Assert.Equal((3ul, SpoolBench.HashOf(3)), ((await third).Sequence, (await third).Hash));
    }

    [Fact]
    public async Task F2_In_order_nothing_overtakes_what_has_waited()
    {
        using var bench = new SpoolBench(_folder.Path, _clock, spool => spool with { InOrder = true });
        await bench.CaptureAsync(1, 5);
        bench.LetPass(Outage);
        await bench.CaptureAsync(6, 2);
        bench.Outbox.LinkUp(new SequenceSet());
        for (var sequence = 1ul; sequence <= 3; sequence++)
            Assert.Equal(sequence, (await bench.SendAsync()).Sequence);

        bench.Outbox.LinkDown();
        await bench.CaptureAsync(8, 1);
        bench.Outbox.LinkUp(new SequenceSet([new SequenceRun(2, 2)]));

        Assert.Equal([1ul, 3, 4, 5, 6, 7, 8], (await bench.DrainAsync()).Select(sent => sent.Sequence));
        Assert.Equal((8L, 0L), (bench.Now.Acked, bench.Now.DroppedTotal));
    }

    [Fact]
    public async Task F2_What_has_waited_goes_no_faster_than_was_asked()
    {
        using var bench = new SpoolBench(_folder.Path, _clock, spool => spool with { BacklogBytesPerSecond = 1000 });
        await bench.CaptureAsync(1, 3);
        bench.LetPass(Outage);
        bench.Outbox.LinkUp(new SequenceSet(), TimeSpan.Zero);
        await bench.CaptureAsync(4, 1);
        Assert.Equal((4ul, 1ul), ((await bench.SendAsync()).Sequence, (await bench.SendAsync()).Sequence));
        bench.Outbox.Acknowledge(4, duplicate: false);
        bench.Outbox.Acknowledge(1, duplicate: false);
        var second = bench.SendAsync();

        bench.LetPass(TimeSpan.FromMilliseconds(900));
        Assert.False(second.IsCompleted);
        bench.LetPass(TimeSpan.FromMilliseconds(101));

        Assert.Equal(2ul, (await second).Sequence);
    }

    [Fact]
    public void A_backlog_without_a_limit_never_waits_and_one_that_was_idle_has_saved_nothing_up()
    {
        var free = new BacklogMeter(null);
        free.Count(TimeSpan.Zero, 1 << 30);
        Assert.Null(free.WaitAt(TimeSpan.Zero));

        var meter = new BacklogMeter(100);
        Assert.Null(meter.WaitAt(TimeSpan.FromHours(1)));
        meter.Count(TimeSpan.FromHours(1), 50);
        Assert.Equal(TimeSpan.FromSeconds(0.5), meter.WaitAt(TimeSpan.FromHours(1)));
        meter.Count(TimeSpan.FromHours(1), 50);
        Assert.Equal(TimeSpan.FromSeconds(1), meter.WaitAt(TimeSpan.FromHours(1)));
    }

    [Fact]
    public async Task What_is_sent_in_vain_and_is_young_goes_out_again_first()
    {
        using var bench = new SpoolBench(_folder.Path, _clock);
        await bench.CaptureAsync(1, 2);
        bench.LetPass(Outage);
        await bench.CaptureAsync(3, 1);
        bench.Outbox.LinkUp(new SequenceSet(), TimeSpan.Zero);
        await bench.SendAsync();
        await bench.SendAsync();
        bench.Outbox.LinkDown();

        bench.Outbox.LinkUp(new SequenceSet(), TimeSpan.Zero);

        Assert.Equal([3ul, 1, 2], (await bench.DrainAsync()).Select(sent => sent.Sequence));
        Assert.Equal((3L, 5L), (bench.Now.Acked, bench.Now.Sent));
    }

    [Fact]
    public async Task Stopped_in_an_outage_everything_that_was_in_flight_stays_in_the_spool()
    {
        using var bench = new SpoolBench(_folder.Path, _clock);
        bench.Outbox.LinkUp(new SequenceSet(), TimeSpan.Zero);
        await bench.CaptureAsync(1, 6);
        for (var i = 0; i < 4; i++)
            await bench.SendAsync();
        bench.Outbox.Acknowledge(1, duplicate: false);
        bench.Outbox.Acknowledge(2, duplicate: false);
        bench.Outbox.Acknowledge(new SequenceRun(1, 1), PublishAck.Persisted);
        bench.Outbox.LinkDown();

        bench.Outbox.Abandon();

        Assert.Equal((1L, 5L, 0L, 0L, 0L), (bench.Now.Acked, bench.Now.Spooled, bench.Now.InFlight, bench.Now.Queued, bench.Now.DroppedTotal));
    }
}
