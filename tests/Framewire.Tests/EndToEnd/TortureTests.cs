using System.Diagnostics;
using System.Globalization;
using System.Text;
using Framewire.Protocol.Log;
using Framewire.Protocol.Media;
using Framewire.Server.Recording;
using Framewire.Tests.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Framewire.Tests.EndToEnd;

/// <summary>
/// A publisher with a spool and a server that records, both killed again and again, and a network between them that fails in every way.
/// In the end the recording is what was captured: nothing lost, nothing twice, in order, byte for byte.
/// </summary>
/// <remarks>
/// The camera is a program of its own, whose pictures carry a number that is never used twice and say by themselves what their bytes are.
/// What a killed publisher had captured is what its spool holds at that moment, which the test reads then; pictures that were still in the
/// pipe were never captured. So each run of the camera is recorded from its first picture on without a hole, at least as far as the spool
/// had it, and the last run to its end.
/// </remarks>
public sealed class TortureTests : IAsyncDisposable
{
    private readonly Folder _folder = Folder.InMemory();
    private readonly SortedSet<int> _captured = [];
    private readonly List<string> _done = [];
    private readonly int _port = Framewire.Tests.Testing.ChildProcess.FreePort();
    private readonly int _seed = Setting("FRAMEWIRE_TORTURE_SEED") ?? Environment.TickCount;
    private readonly TimeSpan _time = TimeSpan.FromSeconds(Setting("FRAMEWIRE_TORTURE_SECONDS") ?? 60);
    private FramewireProcess? _server;
    private FramewireProcess? _publisher;
    private byte[] _picture = [];

    private static int? Setting(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var number) ? number : null;

    public async ValueTask DisposeAsync()
    {
        if (_publisher is not null)
            await _publisher.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
        await File.WriteAllTextAsync(_folder["stop"], "");
        // A camera whose publisher was killed still holds its files for a moment.
        await Eventually.TrueAsync(() => Record.Exception(_folder.Dispose) is null);
    }

    [Fact]
    public async Task What_was_captured_is_what_is_recorded_whatever_happens_between()
    {
        TestContext.Current.TestOutputHelper?.WriteLine($"FRAMEWIRE_TORTURE_SEED={_seed} FRAMEWIRE_TORTURE_SECONDS={_time.TotalSeconds}");
        MakePicture();
        await using var proxy = await FaultProxy.StartAsync(_port);
        await ServeAsync();
        Publish(proxy);
        var random = new Random(_seed);
        var began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < _time)
        {
            await HarmAsync(random, proxy);
            await PauseAsync(random.Next(100, 1200));
        }

        foreach (var mended in new[] { "resume", "set delay=0 jitter=0 up=0 down=0", "cut off" })
            await proxy.TellAsync(mended);
        await File.WriteAllTextAsync(_folder["stop"], "");
        var (code, _, errors) = await _publisher!.EndAsync();
        Assert.True(code == 0, errors);
        await _server!.SignalAsync("TERM");
        Assert.Equal(0, (await _server.EndAsync()).Code);
        Judge();
    }

    private void MakePicture()
    {
        using var encoder = new JpegEncoder(64, 48, 80);
        var luma = new byte[64 * 48 * 3 / 2];
        new Random(1).NextBytes(luma);
        var encoded = encoder.Encode(luma);
        _picture = encoded.Memory.ToArray();
        encoded.Release();
        File.WriteAllBytes(_folder["picture.jpg"], _picture);
    }

    /// <summary>The bytes of the picture of a number, as the camera makes them.</summary>
    private byte[] PictureOf(int number)
    {
        var note = number.ToString("D10", CultureInfo.InvariantCulture) + new string('x', (int)((long)number * 37 % 3000));
        return [.. _picture[..2], 0xFF, 0xFE, (byte)((note.Length + 2) >> 8), (byte)((note.Length + 2) & 0xFF), .. Encoding.ASCII.GetBytes(note), .. _picture[2..]];
    }

    private int NumberOf(ReadOnlySpan<byte> picture)
    {
        var number = int.Parse(picture.Slice(6, 10), CultureInfo.InvariantCulture);
        Assert.True(picture.SequenceEqual(PictureOf(number)), $"Picture {number} is not as it was made.");
        return number;
    }

    private async Task ServeAsync()
    {
        var settings = Recordings.Environment(("FRAMEWIRE_Server__Recording__SegmentBytes", "500000"), ("FRAMEWIRE_Server__Ingest__SilenceLimit", "00:00:02"));
        _server = FramewireProcess.Start(settings, "serve", "--listen", $"127.0.0.1:{_port}", "--web", "none", "--record", "--data", _folder["rec"]);
        await _server.SaysAsync("Taking frames on");
    }

    private void Publish(FaultProxy proxy)
    {
        var settings = new Dictionary<string, string>
        {
            ["FRAMEWIRE_Publisher__HeartbeatInterval"] = "00:00:00.200",
            ["FRAMEWIRE_Publisher__SilenceLimit"] = "00:00:02",
            ["FRAMEWIRE_Publisher__MaxReconnectDelay"] = "00:00:00.500",
        };
        var camera = $"exec:/usr/bin/python3 -u {Repository.PathTo("tests", "Framewire.Tests", "Testing", "feeder.py")} {_folder.Path} 100";
        _publisher = FramewireProcess.Start(
            settings, "publish", camera, "--encode", "copy", "--stream", "cam", "--to", $"{proxy.Address}", "--spool", _folder["spool"], "--ack", "persisted");
    }

    private async Task HarmAsync(Random random, FaultProxy proxy)
    {
        var what = random.Next(9);
        _done.Add($"{what}");
        switch (what)
        {
            case 0 or 1:
                await KillAsync(_server!);
                await PauseAsync(random.Next(500));
                await ServeAsync();
                break;
            case 2 or 3:
                await KillAsync(_publisher!);
                foreach (var file in Directory.Exists(_folder["spool"]) ? Directory.EnumerateFiles(_folder["spool"], "*.mcap", SearchOption.AllDirectories) : [])
                    RememberSpooled(file);
                Publish(proxy);
                break;
            case 4:
                await proxy.TellAsync("rst");
                break;
            case 5:
                await proxy.TellAsync($"stall {(random.Next(2) == 0 ? "both" : "down")}");
                await PauseAsync(random.Next(3000));
                await proxy.TellAsync("resume");
                break;
            case 6:
                await proxy.TellAsync($"set delay={random.Next(200)} jitter={random.Next(50)}");
                break;
            case 7:
                await proxy.TellAsync(random.Next(2) == 0 ? "set up=1000" : "set up=0");
                break;
            default:
                await proxy.TellAsync("set delay=0 jitter=0 up=0");
                break;
        }
    }

    private void RememberSpooled(string file)
    {
        if (SegmentRepair.Inspect(file) is null)
            return;
        using var reader = SegmentReader.Open(file);
        foreach (var entry in reader.ReadAll().OfType<LogEntry.Picture>())
        {
            _captured.Add(NumberOf(entry.Frame.Payload.Span));
            entry.Frame.Release();
        }
    }

    private static async Task KillAsync(FramewireProcess process)
    {
        await process.SignalAsync("KILL");
        var (code, _, errors) = await process.EndAsync();
        Assert.True(code == 137, $"It had ended by itself with {code}: {errors}");
        await process.DisposeAsync();
    }

    private static Task PauseAsync(int millis)
    {
        var began = Stopwatch.GetTimestamp();
        return Eventually.TrueAsync(() => Stopwatch.GetElapsedTime(began).TotalMilliseconds >= millis);
    }

    private void Judge()
    {
        var recorded = new List<int>();
        using var recordings = LocalRecordings.Open(_folder["rec"], NullLogger.Instance);
        foreach (var (_, _, frame) in recordings.Read("cam", DateTimeOffset.MinValue, DateTimeOffset.MaxValue))
        {
            recorded.Add(NumberOf(frame.Payload.Span));
            frame.Release();
        }

        var runs = File.ReadAllLines(_folder["starts"]).Select(line => int.Parse(line, CultureInfo.InvariantCulture)).ToList();
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{recorded.Count} frames, {runs.Count} runs of the camera, {_captured.Count} of them seen in a spool, faults {string.Concat(_done)}");
        Assert.Equal(recorded.Order().Distinct(), recorded);
        Assert.Empty(_captured.Except(recorded));
        var files = recordings.Verify("cam").ToList();
        Assert.All(files, file => Assert.Empty(file.Mistakes));
        Assert.Equal(recorded.Count, files.Sum(file => file.Frames));

        var end = int.Parse(File.ReadAllText(_folder["counter"]), CultureInfo.InvariantCulture);
        foreach (var (first, next) in runs.Zip(runs.Skip(1).Append(end)))
        {
            // One that was killed before its first picture left the pipe has none.
            var run = recorded.Where(number => number >= first && number < next).ToList();
            Assert.Equal(Enumerable.Range(first, run.Count), run);
        }

        Assert.Equal(end - 1, recorded[^1]);
    }
}
