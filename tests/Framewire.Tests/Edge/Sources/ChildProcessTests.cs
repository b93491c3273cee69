using System.Diagnostics;
using Framewire.Edge.Sources;
using Framewire.Edge.Sources.Ffmpeg;
using Framewire.Tests.Testing;


namespace Framewire.Tests.Edge.Sources;

/// <summary>Commands and standard input as sources, and that no process outlives its source.</summary>
public class ChildProcessTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(Encoding.Copy, false)]
    [InlineData(Encoding.Jpeg, true)]
    public async Task A_commands_output_is_a_source(Encoding encoding, bool isFast)
    {
        var clip = Shared.Clip("asl-walk-face.mkv");
        var expected = await Probe.PacketsAsync(clip);

        var reading = await Reading.OfAsync(new SourceOptions { Source = $"exec:cat '{clip}'", Encode = encoding, Fast = isFast });

        Assert.Equal(expected.Select(packet => packet.Pts).Order(), reading.Frames.Select(frame => frame.Pts).Order());
        Assert.Equal((640, 480, 30), (reading.Format.Width, reading.Format.Height, reading.Format.FrameRate));
    }

    [Fact]
    public async Task Bare_h264_from_a_live_command_is_timed_by_its_arrival()
    {
        var clip = Shared.Clip("asl-walk-face.mkv");
        var started = Stopwatch.StartNew();

        // Baseline as a camera writes it: no B-frames, parameter sets at each keyframe; -re makes it live.
        var command = $"ffmpeg -v error -re -t 1 -i '{clip}' -c:v libx264 -preset ultrafast -tune zerolatency -g 10 -f h264 -flush_packets 1 -";
        var reading = await Reading.OfAsync(new SourceOptions { Source = "exec:" + command, Encode = Encoding.Copy });

        Assert.Equal(30, reading.Frames.Count);
        Assert.Equal([0, 10, 20], reading.Frames.Index().Where(frame => frame.Item.IsKeyframe).Select(frame => frame.Index));
        Assert.Equal(reading.Frames.Select(frame => frame.Pts).Order(), reading.Frames.Select(frame => frame.Pts));
        Assert.InRange(reading.Frames[^1].Pts, TimeSpan.FromMilliseconds(1), started.Elapsed);
        // ffmpeg would invent 25 a second.
        Assert.NotEqual(Enumerable.Range(0, 30).Select(index => TimeSpan.FromMilliseconds(40 * index)), reading.Frames.Select(frame => frame.Pts));
    }

    [Fact]
    public async Task Bare_motion_jpeg_from_a_command_is_copied_byte_for_byte()
    {
        var clip = Shared.Clip("asl-walk-odd353x265-vfr.mkv");
        string[] toMotionJpeg = ["-v", "error", "-i", clip, "-c", "copy", "-f", "mjpeg", "-"];
        var expected = await Tool.RunAsync("ffmpeg", toMotionJpeg);

        var reading = await Reading.OfAsync(new SourceOptions { Source = $"exec:ffmpeg {string.Join(' ', toMotionJpeg)}", Encode = Encoding.Copy, Fast = true });

        Assert.Equal(63, reading.Frames.Count);
        Assert.Equal(expected, reading.Bytes);
    }

    [Theory]
    [InlineData(Encoding.Gray)]
    [InlineData(Encoding.Jpeg)]
    [InlineData(Encoding.H264)]
    public async Task No_image_of_a_live_source_waits_for_the_next_one(Encoding encoding)
    {
        using var folder = new Folder();
        await Tool.RunAsync("ffmpeg", ["-v", "error", "-f", "lavfi", "-i", "testsrc2=s=96x64", "-frames:v", "60", "-c:v", "mjpeg", folder["sixty.nut"]]);

        // The command then falls silent without ending: an image held back would never come.
        var reading = await Reading.OfAsync(new SourceOptions { Source = $"exec:cat {folder["sixty.nut"]}; sleep 1000", Encode = encoding }, most: 60);

        Assert.Equal(60, reading.Frames.Count);
    }

    [Fact]
    public async Task A_command_that_fails_half_way_says_so_after_its_frames()
    {
        var clip = Shared.Clip("car-detection.mp4");
        await using var source = FrameSource.Create(new SourceOptions { Source = $"exec:ffmpeg -v error -t 1 -i '{clip}' -f nut -; echo lens cap on >&2; exit 7", Encode = Encoding.Gray, Fast = true }, TimeProvider.System);
        using var patience = new CancellationTokenSource(Patience);
        await source.OpenAsync(patience.Token);
        var count = 0;

        var failure = await Assert.ThrowsAsync<SourceException>(async () =>
        {
            await foreach (var frame in source.ReadAsync(patience.Token))
            {
                frame.Release();
                count++;
            }
        });

        Assert.True(count > 5);
        Assert.Contains("exit code 7 (lens cap on)", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Standard_input_is_a_source()
    {
        var clip = await File.ReadAllBytesAsync(Shared.Clip("asl-walk-face.mkv"));
        using var host = SourceHost.Start("-", Encoding.Copy);
        using var patience = new CancellationTokenSource(Patience);

        await host.StandardInput.BaseStream.WriteAsync(clip, patience.Token);
        host.StandardInput.Close();
        var lines = (await host.StandardOutput.ReadToEndAsync(patience.Token)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal("h264 640x480", lines[0]);
        Assert.Equal("end", lines[^1]);
        Assert.Equal(89, lines.Length - 2);
    }

    [Fact]
    public async Task Empty_standard_input_is_told()
    {
        using var host = SourceHost.Start("-", Encoding.Jpeg);
        using var patience = new CancellationTokenSource(Patience);

        host.StandardInput.Close();

        Assert.StartsWith("Standard input is empty: pipe video into it", await host.StandardOutput.ReadToEndAsync(patience.Token), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("test", Encoding.H264)]
    [InlineData("exec:(while :; do cat CLIP; done) | cat; sleep 1000", Encoding.Gray)]
    public async Task Killing_the_publisher_outright_leaves_no_child_behind(string name, Encoding encoding)
    {
        using var host = SourceHost.Start(name.Replace("CLIP", $"'{Shared.Malformed("h264/Static.264")}'", StringComparison.Ordinal), encoding);
        using var patience = new CancellationTokenSource(Patience);
        await host.StandardOutput.ReadLineAsync(patience.Token);
        await host.StandardOutput.ReadLineAsync(patience.Token);
        var children = ProcessTable.DescendantsOf(host.Id);
        Assert.NotEmpty(children);

        host.Kill();

        await ProcessTable.WaitForEndAsync([host.Id, .. children]);
    }

    [Fact]
    public async Task Killing_the_publisher_outright_ends_even_a_child_that_looks_at_no_pipe()
    {
        using var folder = new Folder();
        await File.WriteAllTextAsync(folder["deaf-ffmpeg"], "#!/bin/sh\nexec sleep 1234\n");
        await Tool.RunAsync("chmod", ["700", folder["deaf-ffmpeg"]]);
        using var host = SourceHost.Start("test", Encoding.H264, folder["deaf-ffmpeg"]);
        var deaf = await ProcessTable.WaitForChildAsync(host.Id, "sleep 1234");

        host.Kill();

        await ProcessTable.WaitForEndAsync([deaf]);
    }

    [Fact]
    public async Task A_command_is_asked_to_stop_before_it_is_made_to()
    {
        using var folder = new Folder();
        using var patience = new CancellationTokenSource(Patience);
        var clip = Shared.Clip("car-detection.mp4");
        await using (var source = FrameSource.Create(new SourceOptions { Source = $"exec:trap 'echo closed >{folder["lens"]}; exit 0' TERM; cat '{clip}'; sleep 1000 & wait", Encode = Encoding.Gray }, TimeProvider.System))
            await source.OpenAsync(patience.Token);

        Assert.Equal("closed\n", await File.ReadAllTextAsync(folder["lens"]));
    }

    [Fact]
    public async Task Disposing_a_source_ends_the_command_and_all_that_it_started_within_seconds()
    {
        var clip = Shared.Clip("car-detection.mp4");
        using var patience = new CancellationTokenSource(Patience);
        var source = FrameSource.Create(new SourceOptions { Source = $"exec:(trap '' TERM; sleep 1000) & cat '{clip}'; sleep 1000", Encode = Encoding.Gray }, TimeProvider.System);
        await source.OpenAsync(patience.Token);
        await using (var frames = source.ReadAsync(patience.Token).GetAsyncEnumerator(patience.Token))
        {
            Assert.True(await frames.MoveNextAsync());
            frames.Current.Release();
        }
        var group = ProcessTable.DescendantsOf(Environment.ProcessId).Where(id => ProcessTable.CommandLine(id).Contains(clip, StringComparison.Ordinal) || ProcessTable.CommandLine(id) == "sleep 1000").ToList();
        Assert.NotEmpty(group);
        var started = Stopwatch.StartNew();

        await source.DisposeAsync();

        Assert.True(started.Elapsed < TimeSpan.FromSeconds(8), $"took {started.Elapsed}");
        await ProcessTable.WaitForEndAsync(group);
    }

    [Fact]
    public async Task Opening_a_silent_command_can_be_given_up()
    {
        await using var source = FrameSource.Create(new SourceOptions { Source = "exec:sleep 1000", Encode = Encoding.Gray }, TimeProvider.System);
        using var givenUp = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => source.OpenAsync(givenUp.Token)).WaitAsync(Patience);
    }

    [Fact]
    public async Task Ffmpeg_ends_with_its_source_though_nobody_read_it_to_the_end()
    {
        var source = new FfmpegSource(new SourceOptions { Source = Shared.Clip("car-detection.mp4"), Encode = Encoding.Bgr, Loop = true }, true, () => FfmpegInputs.File(Shared.Clip("car-detection.mp4"), new() { Source = "x", Loop = true }), TimeProvider.System);
        using var patience = new CancellationTokenSource(Patience);
        await source.OpenAsync(patience.Token);
        var ffmpeg = source.ProcessId!.Value;
        Assert.True(ProcessTable.IsRunning(ffmpeg));

        await source.DisposeAsync();

        Assert.False(ProcessTable.IsRunning(ffmpeg));
    }
}
