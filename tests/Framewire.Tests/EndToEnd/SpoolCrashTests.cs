using System.Diagnostics;
using System.Text.Json;
using Framewire.Tests.Testing;

namespace Framewire.Tests.EndToEnd;

/// <summary>A publisher with a spool that is killed, stopped and stood still, as a process of its own, and a server that records.</summary>
public sealed class SpoolCrashTests : IDisposable
{
    private readonly Folder _folder = new();
    private readonly int _port = ChildProcess.FreePort();

    public void Dispose() => _folder.Dispose();

    private static void Say(string text) => TestContext.Current.TestOutputHelper?.WriteLine(text);

    private Task<FramewireProcess> ServeAsync() => FramewireProcess.ServeAsync(_port, "--record", "--data", _folder["recordings"]);

    private FramewireProcess Publish(string crashAt, params string[] more) => FramewireProcess.Start(
        new Dictionary<string, string>
        {
            ["FRAMEWIRE_CRASH_AT"] = crashAt,
            ["FRAMEWIRE_Publisher__Spool__SegmentBytes"] = "65536",
            ["FRAMEWIRE_Publisher__Spool__MaxDiskPercent"] = "100",
            ["FRAMEWIRE_Publisher__SilenceLimit"] = "00:00:01.500",
            ["FRAMEWIRE_Publisher__ReconnectDelay"] = "00:00:00.050",
            ["FRAMEWIRE_Publisher__MaxReconnectDelay"] = "00:00:00.200",
        },
        ["publish", "test", "--encode", "gray", "--size", "96x48", "--fps", "200", "--to", $"127.0.0.1:{_port}", "--stream", "cam", "--json",
            "--spool", _folder["spool"], "--ack", "persisted", .. more]);

    /// <summary>
    /// Each run counts its pictures from 0. So in one session, by sequence, every picture is the next one of its run or the first of another;
    /// and no number is missing that is not told to be.
    /// </summary>
    private Recorded NothingIsMissing(int runs)
    {
        var recorded = Recorded.In(_folder["recordings"]);
        recorded.HasNothingTwice();
        var seenRuns = 0;
        foreach (var session in recorded.Pictures.GroupBy(picture => picture.Session))
        {
            var (sequence, counter, pts) = (0ul, -1L, TimeSpan.MinValue);
            foreach (var picture in session)
            {
                Assert.Equal(sequence + 1, picture.Sequence);
                Assert.True(picture.Counter == counter + 1 || picture.Counter == 0, $"frame {sequence}: picture {counter}, then {picture.Counter}");
                Assert.True(picture.Pts > pts, $"frame {picture.Sequence}: {picture.Pts} is not behind {pts}");
                (sequence, counter, pts) = (picture.Sequence, picture.Counter!.Value, picture.Pts);
                seenRuns += picture.Counter == 0 ? 1 : 0;
            }
        }

        Say($"{recorded.Pictures.Count} frames of {seenRuns} runs");
        Assert.InRange(seenRuns, 1, runs);
        Assert.Empty(recorded.Gaps);
        return recorded;
    }

    private static async Task<JsonElement> EndAsync(FramewireProcess publisher)
    {
        var (code, output, errors) = await publisher.EndAsync();
        Assert.True(code == 0, errors);
        return JsonDocument.Parse(output).RootElement;
    }

    [Fact]
    public async Task F13_A_publisher_killed_at_random_20_times_loses_nothing_and_repeats_nothing()
    {
        var seed = Random.Shared.Next(1_000_000);
        Say($"seed {seed}");
        var random = new Random(seed);
        await using var server = await ServeAsync();
        for (var kill = 0; kill < 20; kill++)
        {
            await using var publisher = Publish("");
            var until = kill % 4 == 3 ? "" : "Connected to";
            if (until.Length > 0)
                await publisher.SaysAsync(until);
            await Task.WhenAny(publisher.EndAsync(), Task.Delay(random.Next(kill % 4 == 3 ? 700 : 400), TestContext.Current.CancellationToken));
            await publisher.SignalAsync("KILL");
        }

        await using var last = Publish("", "--frames", "50");
        var end = await EndAsync(last);

        Assert.Equal(end.GetProperty("captured").GetInt64(), end.GetProperty("acked").GetInt64());
        Assert.True(NothingIsMissing(runs: 21).Pictures.Count > 300);
        Assert.Equal([_folder["spool/cam/lock"]], Directory.EnumerateFileSystemEntries(_folder["spool/cam"]));
    }

    [Theory]
    [InlineData("segment-before-append:40")]
    [InlineData("segment-in-append:40")]
    [InlineData("segment-after-append:40")]
    [InlineData("segment-before-fsync:2")]
    [InlineData("segment-in-close:2")]
    [InlineData("spool-before-reserve:2")]
    [InlineData("spool-after-reserve:2")]
    [InlineData("spool-in-roll:3")]
    [InlineData("spool-before-delete:2")]
    [InlineData("spool-after-delete:2")]
    [InlineData("spool-before-finish")]
    public async Task F15_Wherever_a_publisher_dies_the_next_run_sends_what_it_left(string point)
    {
        await using var server = await ServeAsync();
        await using (var dying = Publish(point, "--frames", "300"))
        {
            var (code, _, errors) = await dying.EndAsync();
            Assert.True(code == 137, $"It ended with {code}: {errors}");
        }

        await using var next = Publish("", "--frames", "20");
        var end = await EndAsync(next);

        Assert.Equal(end.GetProperty("captured").GetInt64(), end.GetProperty("acked").GetInt64());
        NothingIsMissing(runs: 2);
    }

    [Fact]
    public async Task F22_A_publisher_that_stood_still_goes_on_and_nothing_is_there_twice()
    {
        await using var server = await FramewireProcess.ServeAsync(_port, "--record", "--data", _folder["recordings"]);
        await using var publisher = Publish("", "--frames", "700");
        await publisher.SaysAsync("Connected to");
        await publisher.SignalAsync("STOP");
        var stopped = Stopwatch.GetTimestamp();
        // Longer than the silence limit of this publisher.
        await Eventually.TrueAsync(() => Stopwatch.GetElapsedTime(stopped) > TimeSpan.FromSeconds(2));
        await publisher.SignalAsync("CONT");

        var end = await EndAsync(publisher);

        Assert.Equal(700, end.GetProperty("acked").GetInt64());
        Assert.Equal(700, NothingIsMissing(runs: 1).Pictures.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task F23_A_publisher_asked_to_stop_ends_with_0_whether_the_server_has_it_all_or_the_spool(bool isThere)
    {
        var server = isThere ? await ServeAsync() : null;
        long captured, acked, spooled;
        await using (var publisher = Publish(""))
        {
            await publisher.SaysAsync(isThere ? "Connected to" : "Waiting for server");
            await publisher.SignalAsync("TERM");
            var watch = Stopwatch.StartNew();
            var end = await EndAsync(publisher);
            (captured, acked, spooled) = (end.GetProperty("captured").GetInt64(), end.GetProperty("acked").GetInt64(), end.GetProperty("spooled").GetInt64());
            Say($"ended after {watch.ElapsedMilliseconds} ms: {end}");
        }

        Assert.Equal(isThere ? (captured, 0L) : (0L, captured), (acked, spooled));
        await using var late = server ?? await ServeAsync();
        await using var next = Publish("", "--frames", "20");
        await EndAsync(next);
        Assert.Equal(captured + 20, NothingIsMissing(runs: 2).Pictures.Count);
    }

    [Fact]
    public async Task F24_Of_two_publishers_of_one_stream_the_later_one_has_it_and_the_earlier_one_ends_without_a_fight()
    {
        await using var server = await ServeAsync();
        await using var first = Publish("");
        await first.SaysAsync("Connected to");
        await using var second = FramewireProcess.Start(
            "publish", "test", "--encode", "gray", "--size", "96x48", "--fps", "100", "--frames", "300", "--to", $"127.0.0.1:{_port}", "--stream", "cam", "--json",
            "--spool", _folder["spool-2"], "--ack", "persisted");

        var (code, _, errors) = await first.EndAsync();
        Assert.True(code == 1 && errors.Contains("Another session has taken this stream over", StringComparison.Ordinal), errors);
        // Started again by whoever looks after it, it waits until the later one is done.
        await using var again = Publish("", "--frames", "10");
        var end = await EndAsync(second);
        Assert.Equal((300L, 0L), (end.GetProperty("acked").GetInt64(), end.GetProperty("reconnects").GetInt64()));
        await EndAsync(again);

        Assert.Equal(2, Recorded.In(_folder["recordings"]).Pictures.Select(picture => picture.Session).Distinct().Count());
        NothingIsMissing(runs: 3);
    }
}
