using Framewire.Protocol.Video;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Edge;

/// <summary>A spool whose bytes are damaged, whose disk is full, read-only or gone, and which is full itself.</summary>
public sealed class SpoolFaultTests : IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(200);
    private readonly Folder _folder = Folder.InMemory();
    private readonly ManualClock _clock = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>What a killed publisher leaves of 30 frames, in several files.</summary>
    private async Task<(string Directory, IReadOnlyList<string> Files)> KilledAsync(bool inOrder)
    {
        var directory = _folder[inOrder ? "before" : "after"];
        using var bench = new SpoolBench(_folder["before"], _clock);
        await bench.CaptureAsync(1, 30);
        if (inOrder)
            bench.Outbox.Abandon();
        else
            bench.Copy(directory);
        return (directory, SpoolBench.FilesOf(directory, bench.Session.Id));
    }

    private static void Flip(string path, double where)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[(int)(where * bytes.Length)] ^= 0x10;
        File.WriteAllBytes(path, bytes);
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    [InlineData(false, -1)]
    public async Task F20_A_flipped_byte_costs_the_frame_it_is_in_which_is_told_and_no_other(bool closedInOrder, int file)
    {
        var (directory, files) = await KilledAsync(closedInOrder);
        Flip(files[file < 0 ? ^1 : file], file < 0 ? 0.85 : 0.4);
        using var after = new SpoolBench(directory, _clock);
        await after.CaptureAsync(31, 1);
        after.LetPass(TimeSpan.FromSeconds(1));
        after.Outbox.LinkUp(new SequenceSet(), TimeSpan.Zero);

        var sent = await after.DrainAsync();

        var gaps = sent.SelectMany(frame => frame.Gaps).Concat(after.Outbox.TakeLastGaps()).ToList();
        var gap = gaps[0];
        Assert.Equal((DropReason.SpoolDamaged, gap.First), (gap.Reason, gap.Last));
        // Where the newest file is damaged nobody knows the last number: those that may have been given are not given again.
        Assert.Equal(file < 0 ? [new Gap(31, 256, DropReason.SpoolDamaged)] : [], gaps.Skip(1));
        Assert.Equal(30, sent.Count);
        Assert.Equal(
            Enumerable.Range(1, 31).Where(number => number != (int)gap.First).Select(SpoolBench.HashOf).Order(StringComparer.Ordinal),
            sent.Select(frame => frame.Hash).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(sent, frame => frame.Sequence >= gap.First && frame.Sequence <= gap.Last);
        Assert.Equal(after.Now.Captured, after.Now.Acked + after.Now.DroppedTotal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task F20_A_file_whose_beginning_is_damaged_is_put_aside_and_its_frames_are_told(int file)
    {
        var (directory, files) = await KilledAsync(inOrder: true);
        var damaged = files[file < 0 ? ^1 : file];
        Flip(damaged, 0);
        using var after = new SpoolBench(directory, _clock);
        var kept = after.Now.Spooled;
        await after.CaptureAsync(31, 1);
        after.LetPass(TimeSpan.FromSeconds(1));
        after.Outbox.LinkUp(new SequenceSet(), TimeSpan.Zero);

        var sent = await after.DrainAsync();

        var told = sent.SelectMany(frame => frame.Gaps).Concat(after.Outbox.TakeLastGaps()).ToList();
        Assert.InRange(kept, 15, 27);
        Assert.All(told, gap => Assert.Equal(DropReason.SpoolDamaged, gap.Reason));
        var everything = new SequenceSet([.. told.Select(gap => new SequenceRun(gap.First, gap.Last)), .. sent.Select(frame => new SequenceRun(frame.Sequence, frame.Sequence))]);
        Assert.Equal((1ul, 1), (everything.First!.Value, everything.Runs.Count));
        Assert.Equal(kept + 1, sent.Count);
        Assert.True(File.Exists(damaged + ".damaged"), "It was deleted.");
        Assert.Contains(after.Log.All, line => line.Contains("The spool is damaged", StringComparison.Ordinal));
    }

    [Fact]
    public async Task F20_A_session_whose_own_file_is_damaged_is_found_by_its_frames()
    {
        var (directory, files) = await KilledAsync(inOrder: true);
        await File.WriteAllTextAsync(Path.Combine(Path.GetDirectoryName(files[0])!, "session.json"), "{", default(CancellationToken));

        using var after = new SpoolBench(directory, _clock);
        await after.CaptureAsync(31, 1);
        after.Outbox.LinkUp(new SequenceSet(), TimeSpan.Zero);
        var sent = await after.DrainAsync();

        Assert.Equal((Path.GetFileName(Path.GetDirectoryName(files[0])), 31), (after.Session.Id, sent.Count));
        Assert.True(sent.Max(frame => frame.Sequence) > 31, "A number may have been given twice.");
    }

    [Fact]
    public async Task A_spool_that_is_full_lets_its_oldest_frames_fall_out_and_tells_which()
    {
        using var bench = new SpoolBench(_folder.Path, _clock, spool => spool with { MaxBytes = 64 << 10 });
        await bench.CaptureAsync(1, 100);
        bench.LetPass(TimeSpan.FromSeconds(1));
        await bench.CaptureAsync(101, 1);

        bench.LetPass(Tick);

        var lost = bench.Now.Dropped[DropReason.SpoolFull];
        Assert.InRange(bench.Files.Sum(file => new FileInfo(file).Length), 40 << 10, 64 << 10);
        Assert.Equal((101L, 101L - lost - bench.Now.Queued), (bench.Now.Captured, bench.Now.Spooled));
        bench.Outbox.LinkUp(new SequenceSet(), TimeSpan.Zero);
        var sent = await bench.DrainAsync();
        Assert.Equal([new Gap(1, (ulong)lost, DropReason.SpoolFull)], sent.SelectMany(frame => frame.Gaps));
        Assert.Equal(Enumerable.Range((int)lost + 1, 101 - (int)lost).Select(number => SpoolBench.HashOf(number)), sent.OrderBy(frame => frame.Sequence).Select(frame => frame.Hash));
        Assert.Contains(bench.Log.All, line => line.Contains("fell out of the spool", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_older_than_was_asked_falls_out()
    {
        using var bench = new SpoolBench(_folder.Path, _clock, spool => spool with { MaxAge = TimeSpan.FromMinutes(1) });
        await bench.CaptureAsync(1, 20);
        bench.LetPass(TimeSpan.FromSeconds(50));
        await bench.CaptureAsync(21, 20);
        Assert.Equal(0, bench.Now.DroppedTotal);

        bench.LetPass(TimeSpan.FromSeconds(11));

        Assert.InRange(bench.Now.Dropped[DropReason.SpoolExpired], 13, 20);
        Assert.Equal(40, bench.Now.Spooled + bench.Now.DroppedTotal + bench.Now.Queued);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task F21_A_clock_that_jumps_makes_nothing_old_and_costs_nothing(int hours)
    {
        using var bench = new SpoolBench(_folder.Path, _clock, spool => spool with { MaxAge = TimeSpan.FromMinutes(10) });
        await bench.CaptureAsync(1, 10);
        await bench.CaptureAsync(11, 20, ahead: TimeSpan.FromHours(hours));
        bench.LetPass(TimeSpan.FromSeconds(1));
        await bench.CaptureAsync(31, 10);
        bench.LetPass(Tick);
        bench.Outbox.LinkUp(new SequenceSet(), TimeSpan.Zero);

        var sent = await bench.DrainAsync();

        Assert.Equal(Enumerable.Range(1, 40).Select(number => ((ulong)number, SpoolBench.HashOf(number))), sent.Select(frame => (frame.Sequence, frame.Hash)).Order());
        Assert.Equal((40L, 0L), (bench.Now.Acked, bench.Now.DroppedTotal));
    }

    [Fact]
    public async Task F17_On_a_full_disk_the_oldest_frames_fall_out_and_it_goes_on_when_there_is_room()
    {
        using var disk = await SmallDisk.MountAsync("size=2m");
        using var bench = new SpoolBench(disk.Path, _clock, spool => spool with { SegmentBytes = 32 << 10 });
        await bench.CaptureAsync(1, 200);
        disk.Fill();
        await bench.CaptureAsync(201, 100);
        bench.LetPass(TimeSpan.FromSeconds(1));
        await bench.CaptureAsync(301, 1);
        var lost = bench.Now.DroppedTotal;
        Assert.InRange(lost, 50, 200);
        Assert.Equal(lost, bench.Now.Dropped[DropReason.SpoolFull]);
        Assert.Contains(bench.Log.All, line => line.Contains("takes no frames", StringComparison.Ordinal));

        disk.Free();
        await bench.CaptureAsync(302, 100);
        bench.Outbox.LinkUp(new SequenceSet(), TimeSpan.Zero);
        var sent = await bench.DrainAsync();

        Assert.Equal(lost, bench.Now.DroppedTotal);
        Assert.Equal([new Gap(1, (ulong)lost, DropReason.SpoolFull)], sent.SelectMany(frame => frame.Gaps));
        Assert.Equal(401 - lost, sent.Select(frame => frame.Hash).Distinct().Count());
        Assert.Contains(bench.Log.All, line => line.Contains("takes frames again", StringComparison.Ordinal));
    }

    [Fact]
    public async Task F17_A_killed_publisher_whose_disk_is_full_starts_again_and_sends_what_is_there()
    {
        using var disk = await SmallDisk.MountAsync("size=1m");
        using (var bench = new SpoolBench(_folder.Path, _clock))
        {
            await bench.CaptureAsync(1, 30);
            bench.Copy(disk.Path);
        }

        disk.Fill();
        using var after = new SpoolBench(disk.Path, _clock);
        after.Outbox.LinkUp(new SequenceSet(), TimeSpan.Zero);

        Assert.Equal(30, (await after.DrainAsync()).Count);
    }

    [Fact]
    public async Task F17_A_disk_that_became_read_only_costs_nothing_that_is_on_it()
    {
        using var disk = await SmallDisk.MountAsync("size=1m");
        using var bench = new SpoolBench(_folder.Path, _clock);
        await bench.CaptureAsync(1, 30);
        bench.Copy(disk.Path);
        using var after = new SpoolBench(disk.Path, _clock);
        await disk.MakeReadOnlyAsync(Path.GetDirectoryName(after.Files[0])!);

        await after.CaptureAsync(31, 2);
        after.Outbox.LinkUp(new SequenceSet(), TimeSpan.Zero);
        Assert.Equal((32L, 30L, 2L), (after.Now.Captured, after.Now.Spooled, after.Now.Queued));
        Assert.Equal(32, (await after.DrainAsync()).Count);
        Assert.Contains(after.Log.All, line => line.Contains("takes no frames", StringComparison.Ordinal));
    }

    [Fact]
    public async Task F17_A_folder_that_was_taken_away_is_made_anew_and_what_was_in_it_is_told()
    {
        using var bench = new SpoolBench(_folder["spool"], _clock);
        await bench.CaptureAsync(1, 10);
        bench.LetPass(TimeSpan.FromSeconds(1));
        await bench.CaptureAsync(11, 1);
        Directory.Delete(_folder["spool"], recursive: true);

        bench.LetPass(Tick);
        await bench.CaptureAsync(12, 20);
        bench.LetPass(TimeSpan.FromSeconds(1));
        await bench.CaptureAsync(32, 1);
        bench.Outbox.LinkUp(new SequenceSet(), TimeSpan.Zero);
        var sent = await bench.DrainAsync();

        Assert.Equal([new Gap(1, 10, DropReason.SpoolDamaged)], sent.SelectMany(frame => frame.Gaps).Where(gap => gap.Last <= 10));
        Assert.InRange(bench.Now.DroppedTotal, 10, 11);
        Assert.Equal(33, sent.Count + bench.Now.DroppedTotal + 1);
    }
}
