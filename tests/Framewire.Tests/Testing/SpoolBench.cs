using Framewire.Edge;
using Framewire.Protocol.Video;

namespace Framewire.Tests.Testing;

/// <summary>A frame that an outbox gave to send.</summary>
internal sealed record SentNow(ulong Sequence, string Hash, TimeSpan Pts, IReadOnlyList<Gap> Gaps);

/// <summary>
/// The half of a publisher that has no link: an outbox on a spool, with a clock that stands still. Disposing it is the publisher's end in
/// order; <see cref="Copy"/> is what a kill leaves. Owned by one test.
/// </summary>
internal sealed class SpoolBench : IDisposable
{
    private readonly PublisherSpool _spool;

    public SpoolBench(string directory, ManualClock clock, Func<SpoolOptions, SpoolOptions>? change = null, StreamFormat? format = null, int window = 64)
    {
        (Directory, Clock) = (directory, clock);
        var spool = new SpoolOptions { Directory = directory, SegmentBytes = 8 << 10, MaxDiskPercent = 100 };
        Options = new PublisherOptions
        {
            Server = new Uri("http://localhost"),
            Stream = "cam",
            Mode = PublishMode.Lossless,
            Ack = PublishAck.Persisted,
            WindowFrames = window,
            Spool = change?.Invoke(spool) ?? spool,
        };
        Session = new PublishedSession(new Outbox(Options, clock), Guid.NewGuid().ToString("N"), clock.GetUtcNow()) { Format = format ?? Frames.H264 };
        _spool = PublisherSpool.Open(Options, Session, clock, Log);
    }

    public string Directory { get; }

    public ManualClock Clock { get; }

    public PublisherOptions Options { get; }

    public LogLines Log { get; } = new();

    public PublishedSession Session { get; }

    public Outbox Outbox => Session.Outbox;

    public IReadOnlyList<PublishedSession> Earlier => _spool.Earlier;

    /// <summary>Where every frame is, after it was made sure that the sum is right.</summary>
    public PublisherSnapshot Now
    {
        get
        {
            var now = Outbox.Snapshot();
            Assert.Equal(now.Captured, now.Acked + now.DroppedTotal + now.Queued + now.Spooled + now.InFlight);
            return now;
        }
    }

    /// <summary>The spool's files of this session, oldest first.</summary>
    public IReadOnlyList<string> Files => FilesOf(Directory, Session.Id);

    public static IReadOnlyList<string> FilesOf(string directory, string session) =>
        [.. System.IO.Directory.EnumerateFiles(Path.Combine(directory, "cam", session), "*.mcap").Order(StringComparer.Ordinal)];

    /// <summary>The bytes of a frame, random but always the same for its number.</summary>
    public static string HashOf(int number)
    {
        var picture = Segments.Picture((ulong)number, 1000).Frame;
        var hash = Viewer.Hash(picture.Payload.Span);
        picture.Release();
        return hash;
    }

    /// <summary>Captures frames with these numbers, one after the other.</summary>
    public async Task CaptureAsync(int first, int count, int bytes = 1000, TimeSpan ahead = default)
    {
        for (var number = first; number < first + count; number++)
        {
            var frame = Segments.Picture((ulong)number, bytes).Frame with { Sequence = 0, CapturedAt = Clock.GetUtcNow() + ahead };
            await Outbox.OfferAsync(frame with { Pts = TimeSpan.FromMilliseconds(33 * number) + Session.PtsOffset }, default);
        }
    }

    /// <summary>What is in memory becomes too old for the fast way.</summary>
    public void LetPass(TimeSpan time) => Clock.Advance(time);

    public async Task<SentNow> SendAsync(Outbox? outbox = null)
    {
        var next = await (outbox ?? Outbox).NextAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(10));
        var (frame, gaps) = (next!.Value.Frame, next.Value.Gaps);
        var sent = new SentNow(frame.Sequence, Viewer.Hash(frame.Payload.Span), frame.Pts, gaps);
        frame.Release();
        return sent;
    }

    /// <summary>Sends as long as there is something to send at once, and acknowledges each frame up to the level asked.</summary>
    public async Task<List<SentNow>> DrainAsync()
    {
        List<SentNow> all = [];
        Outbox.CompleteCapture();
        while (!Outbox.IsComplete)
        {
            var sent = await SendAsync();
            all.Add(sent);
            Outbox.Acknowledge(sent.Sequence, duplicate: false);
            Outbox.Acknowledge(new SequenceRun(sent.Sequence, sent.Sequence), PublishAck.Persisted);
        }

        return all;
    }

    /// <summary>The spool as a kill at this moment leaves it.</summary>
    public void Copy(string to)
    {
        foreach (var file in System.IO.Directory.EnumerateFiles(Directory, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(Directory, file));
            System.IO.Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            if (Path.GetFileName(file) != "lock")
                File.WriteAllBytes(target, ReadShared(file));
        }
    }

    private static byte[] ReadShared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    public void Dispose() => _spool.Dispose();
}
