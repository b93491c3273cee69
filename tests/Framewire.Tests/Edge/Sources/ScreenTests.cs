using System.Diagnostics;
using Framewire.Edge.Sources;
using Framewire.Edge.Sources.Ffmpeg;
using Framewire.Tests.Testing;


namespace Framewire.Tests.Edge.Sources;

/// <summary>The X11 screen as a source, on a virtual one.</summary>
public class ScreenTests
{
    [Fact]
    public async Task The_screen_is_captured()
    {
        var program = Framewire.Protocol.Media.Programs.Find("Xvfb");
        Assert.SkipWhen(program is null, "The virtual screen 'Xvfb' is not installed (package xvfb).");
        // It writes its number to the given descriptor once it is ready.
        using var screen = Process.Start(new ProcessStartInfo(program, ["-displayfd", "1", "-screen", "0", "320x240x24", "-nolisten", "tcp"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        try
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            var number = await screen.StandardOutput.ReadLineAsync(patience.Token);
            var options = new SourceOptions { Source = "screen", Encode = Encoding.Bgr, FrameRate = 50 };
            await using var source = new FfmpegSource(options, true, () => FfmpegInputs.Screen($":{number}", options), TimeProvider.System);

            var reading = await Reading.OfAsync(source, most: 10);

            Assert.Equal((320, 240), (reading.Format.Width, reading.Format.Height));
            Assert.Equal(10, reading.Frames.Count);
            Assert.InRange(reading.Frames[9].Pts - reading.Frames[0].Pts, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(5));
        }
        finally
        {
            screen.Kill();
        }
    }
}
