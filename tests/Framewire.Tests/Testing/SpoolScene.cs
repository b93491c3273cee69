using System.Diagnostics;
using Framewire.Edge;
using Framewire.Edge.Sources;
using Framewire.Server.Recording;

namespace Framewire.Tests.Testing;

/// <summary>
/// A recording server, a bad network, and a publisher with a spool that wants every frame on the server's disk. Owned by one test.
/// </summary>
internal sealed class SpoolScene : IAsyncDisposable
{
    private readonly Folder _folder;
    private readonly FaultScene _scene;

    private SpoolScene(Folder folder, FramewireHost host, FaultProxy proxy, FaultScene scene) => (_folder, Host, Proxy, _scene) = (folder, host, proxy, scene);

    public FramewireHost Host { get; }

    public FaultProxy Proxy { get; }

    public Publisher Publisher => _scene.Publisher;

    public LogLines Log => _scene.Log;

    public LosslessReader Reader => _scene.Reader;

    public static async Task<SpoolScene> StartAsync(int frames, SourceOptions? source = null, Func<PublisherOptions, PublisherOptions>? change = null, string[]? faults = null, string? first = null)
    {
        var folder = new Folder();
        var recording = new RecordingOptions { Streams = "*", Directory = folder["recordings"], FlushInterval = TimeSpan.FromMilliseconds(100) };
        var host = await FramewireHost.StartAsync(FaultScene.QuickServer with { Recording = recording });
        var proxy = await FaultProxy.StartAsync(host.Address.Port, faults ?? []);
        if (first is not null)
            await proxy.TellAsync(first);
        var scene = FaultScene.Start(host, proxy.Address, source ?? FaultScene.SmallImages, options =>
        {
            options = options with
            {
                Frames = frames,
                Ack = PublishAck.Persisted,
                Spool = new SpoolOptions { Directory = folder["spool"], MaxDiskPercent = 100, SegmentBytes = 256 << 10 },
            };
            return change?.Invoke(options) ?? options;
        });
        return new SpoolScene(folder, host, proxy, scene);
    }

    public Task UntilAsync(Func<bool> condition, TimeSpan? patience = null) => _scene.UntilAsync(condition, patience);

    /// <summary>How long after the network's return a frame arrived that was captured after it.</summary>
    public async Task<TimeSpan> FirstLiveFrameAsync(DateTimeOffset since)
    {
        await UntilAsync(() => Reader.Arrivals.Any(arrival => arrival.ReceivedAt - arrival.Age > since), TimeSpan.FromSeconds(20));
        return Reader.Arrivals.Where(arrival => arrival.ReceivedAt - arrival.Age > since).Min(arrival => arrival.ReceivedAt) - since;
    }

    /// <summary>Waits for the end, and reads what is on the server's disk.</summary>
    public async Task<(PublisherSnapshot End, Recorded Recorded)> EndAsync()
    {
        var watch = Stopwatch.StartNew();
        var end = await _scene.EndAsync();
        // A gap is acknowledged by nobody: the last may still be on its way to the disk.
        await Host.StopAsync();
        var recorded = Recorded.In(_folder["recordings"]);
        TestContext.Current.TestOutputHelper?.WriteLine($"{end} ended {watch.ElapsedMilliseconds} ms later; gaps: {string.Join(", ", recorded.Gaps)}");
        return (end, recorded);
    }

    /// <summary>Every frame that was captured is on the server's disk once, byte for byte, and nothing is left in the spool.</summary>
    public async Task<PublisherSnapshot> EndsOnDiskAsync()
    {
        var (end, recorded) = await EndAsync();
        recorded.HasNothingTwice();
        Assert.Equal(_scene.Source.Passed.Select(seen => (seen.Sequence, seen.Hash)), recorded.Pictures.Select(picture => (picture.Sequence, picture.Hash)));
        Assert.Equal((_scene.Source.Passed.Count, _scene.Source.Passed.Count, 0), (end.Captured, end.Acked, end.DroppedTotal));
        Assert.Empty(recorded.Gaps);
        Assert.Equal([_folder["spool/cam/lock"]], Directory.EnumerateFileSystemEntries(_folder["spool/cam"]));
        return end;
    }

    public async ValueTask DisposeAsync()
    {
        await _scene.DisposeAsync();
        await Proxy.DisposeAsync();
        await Host.DisposeAsync();
        _folder.Dispose();
    }
}
