using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Framewire.Edge;
using Framewire.Edge.Sources;
using Framewire.Protocol.Video;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Interop;

/// <summary>Detectors in Python (examples/python) on real clips: they find what OpenCV finds when it is run on the same frames directly.</summary>
[Trait("Category", "Interop")]
public sealed class PythonProcessorTests(PythonExamples examples) : IClassFixture<PythonExamples>
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    /// <summary>One found thing: box and score, as the wire has them.</summary>
    private readonly record struct Found(float X, float Y, float Width, float Height, float Score);

    private Task<ChildProcess> DetectAsync(FramewireHost host, string what, params string[] more) =>
        AttachedAsync(host, what, examples.Start("detector.py", [what, "--server", $"127.0.0.1:{host.Address.Port}", .. more]));

    private static async Task<ChildProcess> AttachedAsync(FramewireHost host, string what, ChildProcess detector, int instances = 1)
    {
        await Eventually.TrueAsync(() => host.Processors.Instances().GetValueOrDefault(what) >= instances, Limit);
        return detector;
    }

    private async Task<List<Found[]>> DirectAsync(string what, params string[] pictures)
    {
        string[] arguments = [Repository.PathTo("tests", "interop", "processing", "direct.py"), examples.Path, what, .. pictures];
        var lines = (await ChildProcess.RunAsync("/usr/bin/python3", arguments, Limit)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return [.. lines.Select(line => JsonSerializer.Deserialize<float[][]>(line)!.Select(n => new Found(n[0], n[1], n[2], n[3], n[4])).ToArray())];
    }

    private static Found[] FoundIn(IReadOnlyList<FrameResult> results) =>
        [.. Assert.Single(results).Detections.Select(found => new Found(found.Box!.Value.X, found.Box.Value.Y, found.Box.Value.Width, found.Box.Value.Height, found.Score))];

    private static void AssertSame(IEnumerable<Found> expected, IEnumerable<Found> actual, string where) =>
        Assert.True(expected.OrderBy(found => found.X).ThenBy(found => found.Y).SequenceEqual(actual.OrderBy(found => found.X).ThenBy(found => found.Y)), $"{where}: not what OpenCV finds.");

    /// <summary>Pictures of a clip as JPEG files, every so manieth.</summary>
    private static async Task<Folder> PicturesAsync(string clip, int every)
    {
        var folder = new Folder();
        await Tool.RunAsync("ffmpeg", ["-v", "error", "-i", Shared.Clip(clip), "-vf", $"select=not(mod(n\\,{every})),scale=480:-2", "-fps_mode", "passthrough", "-q:v", "3", folder["%04d.jpg"]]);
        return folder;
    }

    [Fact]
    public async Task People_are_found_in_the_very_frames_in_which_OpenCV_finds_them_and_the_acks_say_so()
    {
        using var pictures = await PicturesAsync("person-vfr-derived.mp4", every: 12);
        await using var host = await FramewireHost.StartAsync();
        await using var detector = await DetectAsync(host, "people", "--every-frame");
        var acks = new Dictionary<ulong, Found[]>();

        var end = await host.PublishAsync(
            new SourceOptions { Source = pictures.Path, Encode = Encoding.Copy, Fast = true },
            options => options with { Ack = PublishAck.Processed },
            (sequence, results) => acks.Add(sequence, FoundIn(results)));
        var direct = await DirectAsync("people", pictures.Path);

        Assert.Equal((direct.Count, direct.Count), ((int)end.Acked, acks.Count));
        for (var n = 0; n < direct.Count; n++)
            AssertSame(direct[n], acks[(ulong)n + 1], $"Frame {n + 1}");
        Assert.InRange(direct.Count(found => found.Length > 0), 5, direct.Count);
    }

    [Fact]
    public async Task Faces_are_found_in_the_very_frames_of_H264_with_B_frames()
    {
        const string clip = "asl-walk-face.mkv";
        using var folder = new Folder();
        await Tool.RunAsync("ffmpeg", ["-v", "error", "-i", Shared.Clip(clip), "-fps_mode", "passthrough", "-pix_fmt", "gray", "-f", "rawvideo", folder["grey"]]);
        await using var host = await FramewireHost.StartAsync();
        await using var detector = await DetectAsync(host, "faces", "--every-frame");
        var source = new RecordingSource(FrameSource.Create(new SourceOptions { Source = Shared.Clip(clip), Encode = Encoding.Copy, Fast = true }, TimeProvider.System));
        var acks = new Dictionary<ulong, Found[]>();

        await host.PublishAsync(source, options => options with { Ack = PublishAck.Processed }, (sequence, results) => acks.Add(sequence, FoundIn(results)));
        var direct = await DirectAsync("faces", folder["grey"], "640", "480");

        // Frames come in decode order; ffmpeg wrote them in the order of their times.
        var shown = source.Passed.Select((frame, index) => (frame.Pts, Sequence: (ulong)index + 1)).OrderBy(frame => frame.Pts).ToList();
        Assert.NotEqual(shown.Select(frame => frame.Sequence).Order(), shown.Select(frame => frame.Sequence));
        Assert.Equal(direct.Count, shown.Count);
        for (var n = 0; n < direct.Count; n++)
            AssertSame(direct[n], acks[shown[n].Sequence], $"Picture {n + 1}, frame {shown[n].Sequence}");
        Assert.InRange(direct.Count(found => found.Length > 0), 20, direct.Count);
    }

    [Fact]
    public async Task The_seeds_client_gets_the_count_as_its_reply()
    {
        using var pictures = await PicturesAsync("person-vfr-derived.mp4", every: 20);
        await using var host = await FramewireHost.StartAsync();
        await using var detector = await DetectAsync(host, "people", "--every-frame");

        var output = await ChildProcess.RunAsync("/usr/bin/python3", [Repository.PathTo("tests", "interop", "contracts", "peer.py"), "seed-count", $"{host.Address.Port}", pictures.Path], Limit);
        var direct = await DirectAsync("people", pictures.Path);

        var replies = JsonDocument.Parse(output.Split('\n').Last(line => line.StartsWith('{'))).RootElement.GetProperty("replies").EnumerateArray().Select(reply => reply.GetInt32());
        Assert.Equal(direct.Select(found => found.Length), replies);
        Assert.Contains(direct, found => found.Length > 0);
    }

    [Fact]
    public async Task Killed_in_the_middle_it_costs_the_publisher_nothing_and_another_goes_on()
    {
        await using var host = await FramewireHost.StartAsync();
        await using var camera = LiveCamera.Start(host, "cam", Encoding.Jpeg);
        await using var first = await DetectAsync(host, "faces");
        ulong Done() => host.Streams.Find("cam")?.Status().Processors is [var processor] ? processor.Counts.Done : 0;
        await Eventually.TrueAsync(() => Done() > 5, Limit);

        PythonExamples.Signal(first, "KILL");
        await Eventually.TrueAsync(() => host.Processors.Troubles().Count == 1, Limit);
        var (before, acked, since) = (Done(), camera.Publisher.Snapshot().Acked, Stopwatch.GetTimestamp());
        await using var second = await DetectAsync(host, "faces");
        await Eventually.TrueAsync(() => Done() > before, Limit);

        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Processed again {Stopwatch.GetElapsedTime(since).TotalSeconds:0.00} s after a new detector was started, Python's start included."));
        Assert.True(camera.Publisher.Snapshot().Acked > acked, "No frame was acknowledged while the detector was gone.");
        Assert.Empty(host.Processors.Troubles());
    }

    [Fact]
    public async Task A_detector_attaches_again_by_itself_when_the_server_is_back_and_says_goodbye_when_it_is_stopped()
    {
        var port = ChildProcess.FreePort();
        await using var detector = examples.Start("detector.py", "faces", "--server", $"127.0.0.1:{port}");
        await using (var host = await FramewireHost.StartAsync(port: port))
            await AttachedAsync(host, "faces", detector);
        await using var again = await FramewireHost.StartAsync(port: port);
        await AttachedAsync(again, "faces", detector);

        PythonExamples.Signal(detector, "INT");

        Assert.Equal(0, await detector.ExitAsync(Limit));
        Assert.Empty(again.Processors.Instances());
    }

    [Fact]
    public async Task The_three_examples_work_together_on_a_clip()
    {
        using var pictures = new Folder();
        await using var host = await FramewireHost.StartAsync();
        var server = $"127.0.0.1:{host.Address.Port}";
        await using var detector = await DetectAsync(host, "faces", "--streams", "cam-*", "--every-frame");
        await using var viewer = examples.Start("viewer.py", "cam-1", "--server", server, "--save", pictures.Path, "--until-end");
        await Eventually.TrueAsync(() => host.Streams.Find("cam-1")?.Status().Viewers == 1, Limit);
        await using var publisher = examples.Start("publisher.py", Shared.Clip("asl-walk-face.mkv"), "--server", server, "--stream", "cam-1", "--lossless");

        Assert.Equal(0, await publisher.ExitAsync(Limit));
        Assert.True(await viewer.ExitAsync(Limit) == 0, viewer.Output);

        Assert.Contains("89 frames, each acknowledged", publisher.Output, StringComparison.Ordinal);
        Assert.Matches(@"frame \d+: faces: face \d", publisher.Output);
        Assert.Matches(@"ms old, [1-9] found", viewer.Output);
        Assert.NotEmpty(Directory.GetFiles(pictures.Path, "*.jpg"));
    }

    [Fact]
    public void Each_example_is_short()
    {
        foreach (var file in Directory.EnumerateFiles(Repository.PathTo("examples", "python"), "*.py"))
            Assert.True(File.ReadLines(file).Count() < 60, $"{Path.GetFileName(file)} has 60 lines or more.");
    }
}
