using Framewire.Edge.Sources;
using Framewire.Server;
using Framewire.Server.Streams;
using Framewire.Tests.Testing;

namespace Framewire.Tests.EndToEnd;

/// <summary>Real clips from the file to a viewer: every frame once, in order, byte for byte as sent.</summary>
public sealed class ClipTests
{
    /// <summary>A viewer of an unpaced clip must not be overtaken: the test is about the path, not about slow viewers.</summary>
    private static readonly StreamLimits Roomy = new() { HistoryBytes = 1L << 30, HistoryFrames = 10_000, ViewerLagFrames = 9_000, ViewerLagTime = TimeSpan.FromMinutes(2) };

    public static TheoryData<string, Encoding> EveryClip()
    {
        var all = new TheoryData<string, Encoding>();
        foreach (var clip in Shared.Clips)
        {
            foreach (var encoding in new[] { Encoding.Jpeg, Encoding.H264, Encoding.Copy })
                all.Add(clip, encoding);
        }

        return all;
    }

    [Theory]
    [MemberData(nameof(EveryClip))]
    public async Task Every_frame_arrives_once_in_order_byte_for_byte(string clip, Encoding encoding)
    {
        var path = Shared.Clip(clip);
        await using var host = await FramewireHost.StartAsync(new FramewireOptions { Streams = Roomy });
        await using var connection = host.Connect();
        var watching = Viewer.WatchAsync(connection, "cam");
        await Eventually.TrueAsync(() => host.Streams.Find("cam")?.Status().Viewers == 1);
        var source = new RecordingSource(FrameSource.Create(new SourceOptions { Source = path, Encode = encoding, Fast = true }, TimeProvider.System));

        var end = await host.PublishAsync(source);
        var seen = await watching;

        Assert.Equal((await Probe.PacketsAsync(path)).Count, source.Passed.Count);
        Assert.Equal((source.Passed.Count, source.Passed.Count, 0), (end.Captured, end.Acked, end.DroppedTotal));
        Assert.Equal(source.Passed, seen);
    }
}
