using Framewire.Edge;
using Framewire.Edge.Sources;
using Framewire.Server;
using Framewire.Server.Ingest;

namespace Framewire.Tests.Testing;

/// <summary>
/// A publisher whose source is remembered, a server in this process with a lossless reader, and whatever lies between them. Both
/// ends are quick to notice silence and to connect again. Owned by one test.
/// </summary>
internal sealed class FaultScene : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(50);

    /// <summary>A server that notices silence soon.</summary>
    public static readonly FramewireOptions QuickServer = new()
    {
        Ingest = new IngestOptions { HeartbeatInterval = TimeSpan.FromMilliseconds(200), SilenceLimit = TimeSpan.FromMilliseconds(1500) },
    };

    /// <summary>Raw images of 3072 bytes, 100 a second.</summary>
    public static readonly SourceOptions SmallImages = new() { Source = "test", Encode = Encoding.Gray, Size = (64, 48), FrameRate = 100 };

    private readonly FramewireHost _host;
    private readonly Task _running;

    private FaultScene(FramewireHost host, Uri address, SourceOptions source, Func<PublisherOptions, PublisherOptions> change)
    {
        _host = host;
        Reader = LosslessReader.Of(host, "cam");
        Source = new RecordingSource(SourceFactory.Create(source, TimeProvider.System));
        var options = new PublisherOptions
        {
            Server = address,
            Stream = "cam",
            Mode = PublishMode.Lossless,
            HeartbeatInterval = TimeSpan.FromMilliseconds(200),
            SilenceLimit = TimeSpan.FromMilliseconds(1500),
            ReconnectDelay = TimeSpan.FromMilliseconds(20),
            MaxReconnectDelay = TimeSpan.FromMilliseconds(500),
        };
        Publisher = new Publisher(change(options), Source, Clients.Options, TimeProvider.System, Log);
        _running = Publisher.RunAsync(TestContext.Current.CancellationToken);
    }

    public Publisher Publisher { get; }

    public LogLines Log { get; } = new();

    public LosslessReader Reader { get; }

    public RecordingSource Source { get; }

    /// <summary>Starts to publish to a server over an address that leads to it.</summary>
    public static FaultScene Start(FramewireHost host, Uri address, SourceOptions source, Func<PublisherOptions, PublisherOptions> change) =>
        new(host, address, source, change);

    /// <summary>Waits for something to become true, unless the publisher breaks before.</summary>
    public Task UntilAsync(Func<bool> condition, TimeSpan? patience = null) => Eventually.TrueAsync(
        () =>
        {
            Assert.Null(_running.Exception?.InnerException);
            return condition();
        },
        patience);

    /// <summary>Waits until the publisher and the reader are done.</summary>
    public async Task<PublisherSnapshot> EndAsync()
    {
        await _running.WaitAsync(Patience);
        await Reader.WhenComplete.WaitAsync(Patience);
        return Publisher.Snapshot();
    }

    /// <summary>The reader saw every captured frame once, in order, byte for byte; all were acknowledged; duplicates were counted.</summary>
    public async Task<PublisherSnapshot> EndsWithoutLossAsync()
    {
        var end = await EndAsync();
        var session = _host.Streams.Find("cam")!.Status().Session!;
        TestContext.Current.TestOutputHelper?.WriteLine($"{end} duplicates at the server: {session.Duplicates}");
        Assert.Equal(Source.Passed, Reader.Frames);
        Assert.Equal((Source.Passed.Count, Source.Passed.Count, 0, 0, 0), (end.Captured, end.Acked, end.DroppedTotal, end.Queued, end.InFlight));
        Assert.Equal(((ulong)end.Captured, 0ul), (session.Frames, session.Missing));
        Assert.True(end.Duplicates <= (long)session.Duplicates, $"{end.Duplicates} duplicates were acknowledged, {session.Duplicates} counted.");
        return end;
    }

    /// <summary>What the reader saw is what was captured less what was dropped, in order and byte for byte.</summary>
    public async Task<PublisherSnapshot> EndsWithDropsCountedAsync()
    {
        var end = await EndAsync();
        TestContext.Current.TestOutputHelper?.WriteLine($"{end}: {string.Join(", ", end.Dropped)}");
        Assert.Equal(end.Captured, end.Acked + end.DroppedTotal + end.Queued + end.InFlight);
        Assert.Equal(end.Captured, Source.Passed.Count);
        Assert.Equal(Reader.Frames, Reader.Frames.Select(frame => Source.Passed[(int)frame.Sequence - 1]));
        Assert.Equal(Reader.Frames.Select(frame => frame.Sequence).Order().Distinct(), Reader.Frames.Select(frame => frame.Sequence));
        Assert.Equal(end.Acked, Reader.Count);
        return end;
    }

    public async ValueTask DisposeAsync()
    {
        await Publisher.DisposeAsync();
        await Reader.DisposeAsync();
    }
}
