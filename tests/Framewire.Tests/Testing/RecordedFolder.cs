using Framewire.Protocol.Log;
using Framewire.Protocol.Video;
using Framewire.Server.Recording;
using Microsoft.Extensions.Logging.Abstractions;

namespace Framewire.Tests.Testing;

/// <summary>A folder of recordings without a server: a store, and lanes that write into it. Owned by one test.</summary>
internal sealed class RecordedFolder : IDisposable
{
    private readonly Folder _folder = Testing.Folder.InMemory();
    private readonly List<SegmentLane> _lanes = [];

    public RecordedFolder(RecordingOptions? options = null)
    {
        Options = options ?? new RecordingOptions();
        Store = RecordingStore.Open(_folder.Path, NullLogger.Instance);
    }

    public RecordingOptions Options { get; }

    public ManualClock Clock { get; } = new();

    public RecordingStore Store { get; private set; }

    public Catalogue Catalogue => Store.Catalogue;

    public string Path => _folder.Path;

    public static SegmentHeader Header(string session = "session-a", int startedAfterSeconds = 0, string stream = "cam-1", ulong heldThrough = 0) =>
        new(stream, session, Segments.Start + TimeSpan.FromSeconds(startedAfterSeconds), new StreamFormat(Codec.H264, 64, 48, 30), heldThrough);

    public SegmentLane Lane()
    {
        var lane = new SegmentLane(Store, Options, Clock);
        _lanes.Add(lane);
        return lane;
    }

    /// <summary>Writes one closed file.</summary>
    public void Write(SegmentHeader header, params LogEntry[] entries)
    {
        var lane = Lane();
        lane.Append(header, entries);
        lane.Flush();
        lane.Close();
    }

    /// <summary>Frames one after the other, a keyframe each <paramref name="group"/>.</summary>
    public static LogEntry[] Run(ulong first, ulong last, int group = 5) =>
        [.. Enumerable.Range(0, (int)(last - first + 1)).Select(LogEntry (i) => Segments.Picture(first + (ulong)i, isKeyframe: i % group == 0))];

    /// <summary>The server ends without a word, and begins again; something may happen to the files between.</summary>
    public void Restart(Action? meanwhile = null)
    {
        _lanes.ForEach(lane => lane.Abandon());
        _lanes.Clear();
        Store.Dispose();
        meanwhile?.Invoke();
        Store = RecordingStore.Open(_folder.Path, NullLogger.Instance);
    }

    /// <summary>The files of the stream <c>cam-1</c>, with their paths.</summary>
    public string[] Files() => [.. Directory.EnumerateFiles(System.IO.Path.Combine(Path, "cam-1")).Order(StringComparer.Ordinal)];

    /// <summary>Everything that the catalogue knows, as text.</summary>
    public string Known(string stream = "cam-1") => string.Join('\n',
        [
            .. Catalogue.Totals().Select(totals => $"{totals}"),
            .. Catalogue.Find(stream, DateTimeOffset.MinValue, DateTimeOffset.MaxValue).Select(row => $"{row with { Id = 0, Runs = [], Gaps = [], Results = SegmentResults.None }}"),
            .. Catalogue.FindResults(stream, DateTimeOffset.MinValue, DateTimeOffset.MaxValue, null).Select(file => $"{file}"),
            .. Catalogue.Gaps(stream, DateTimeOffset.MinValue, DateTimeOffset.MaxValue).Select(gap => $"{gap}").Order(StringComparer.Ordinal),
            .. Catalogue.Find(stream, DateTimeOffset.MinValue, DateTimeOffset.MaxValue).Select(row => row.Header.Session).Distinct()
                .Select(session => $"{session}: {Catalogue.Held(stream, session)}"),
        ]);

    public void Dispose()
    {
        _lanes.ForEach(lane => lane.Abandon());
        Store.Dispose();
        _folder.Dispose();
    }
}
