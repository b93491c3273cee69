using System.Globalization;
using Framewire.Protocol.Log;
using Framewire.Protocol.Video;
using Framewire.Server.Recording;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Recording;

/// <summary>What processors made of frames comes out by time, from whichever files it is in, and the catalogue knows in which.</summary>
public sealed class ResultsReaderTests : IDisposable
{
    private readonly RecordedFolder _folder = new(new RecordingOptions { SegmentBytes = 10_000 });
    private readonly LogLines _log = new();

    public void Dispose() => _folder.Dispose();

    private ResultsReader Reader => new(_folder.Store, new RecordingReader(_folder.Store, _log));

    private string[] Read(DateTimeOffset? from = null, DateTimeOffset? until = null, Sought? sought = null) =>
    [
        .. Reader.Read("cam-1", from ?? DateTimeOffset.MinValue, until ?? DateTimeOffset.MaxValue, sought, TestContext.Current.CancellationToken)
            .Select(frame => string.Create(CultureInfo.InvariantCulture, $"{frame.Session[^1]}{frame.Sequence}")),
    ];

    private static FrameResults Of(ulong sequence, string label = "person", string session = "session-a", long millis = -1) =>
        Segments.Results(sequence, [label], session: session, capturedMillis: millis).Of;

    private void Write(SegmentHeader header, ulong first, ulong last, params FrameResults[] results)
    {
        var lane = _folder.Lane();
        lane.Append(header, RecordedFolder.Run(first, last));
        lane.AppendResults(header, results);
        lane.Flush();
        lane.Close();
    }

    [Fact]
    public void They_come_by_time_whatever_file_they_are_in()
    {
        var late = _folder.Lane();
        Write(RecordedFolder.Header(), 1, 3, Of(3), Of(1));
        Write(RecordedFolder.Header(), 4, 9, Of(2), Of(5), Of(4), Of(1));
        late.AppendResults(RecordedFolder.Header("session-b"), [Of(1, session: "session-b", millis: 100), Of(9, session: "session-a")]);
        late.Flush();

        Assert.Equal(["a1", "a2", "a3", "b1", "a4", "a5", "a9"], Read());
        Assert.Equal(["a3", "b1", "a4"], Read(Of(3).CapturedAt, Of(5).CapturedAt));
        late.Close();
        Assert.Equal(["a1", "a2", "a3", "b1", "a4", "a5", "a9"], Read());
        _folder.Restart();
        Assert.Equal(["a1", "a2", "a3", "b1", "a4", "a5", "a9"], Read());
        Assert.Equal(3, _folder.Files().Length);
    }

    [Fact]
    public void More_files_that_begin_in_1970_than_are_opened_at_a_time_are_all_read()
    {
        var files = ResultsReader.MostOpen + 6ul;
        for (var file = 1ul; file <= files; file++)
            Write(RecordedFolder.Header(), file, file, Of(file + 100, millis: (long)file), Of(file, millis: 1_000_000 + (long)file), Of(file + 200, millis: 2_000_000));

        Assert.Equal(3 * (int)files, Read().Distinct().Count());
        Assert.Equal(3 * (int)files, Read().Length);
        Assert.Equal(10, Reader.Read("cam-1", DateTimeOffset.MinValue, DateTimeOffset.MaxValue, null, TestContext.Current.CancellationToken).Take(10).Count());
    }

    [Fact]
    public void Those_of_times_far_apart_have_chunks_of_their_own()
    {
        Write(RecordedFolder.Header(), 1, 3, Of(1, millis: 3_600_000), Of(2, millis: 1), Of(3, millis: 3_600_001));

        using var reader = SegmentReader.Open(_folder.Files()[0]);
        Assert.Equal([1, 2], reader.ResultsChunks().Select(chunk => reader.ReadResults(chunk).Count));
        Assert.Equal(["a2", "a1", "a3"], Read());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Files_that_cannot_have_what_is_sought_are_not_opened(bool isMadeAgain)
    {
        Write(RecordedFolder.Header(), 1, 3, Of(1), Of(2, "cat"));
        Write(RecordedFolder.Header(), 4, 6, Of(4, "cat"), Of(5, "Straße, bei Nacht"));
        Write(RecordedFolder.Header(), 7, 9);
        if (isMadeAgain)
            _folder.Restart(() => File.Delete(System.IO.Path.Combine(_folder.Path, "catalogue.db")));
        File.WriteAllBytes(_folder.Files()[0], [1, 2, 3]);
        File.WriteAllBytes(_folder.Files()[2], [1, 2, 3]);

        Assert.Equal(["a4", "a5"], Read(sought: new Sought("Straße, bei Nacht", "", null)));
        Assert.Empty(Read(sought: new Sought("Straße, bei Nacht", "others", null)));
        Assert.Empty(Read(sought: new Sought("Straße, bei Nacht", "people", 0.75f)));
        Assert.Empty(_log.All);
        Assert.Equal(["a4", "a5"], Read(sought: new Sought("cat", "people", 0.5f)));
        Assert.Single(_log.All);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_file_with_more_labels_than_are_known_is_looked_into(bool closes)
    {
        var lane = _folder.Lane();
        lane.Append(RecordedFolder.Header(), RecordedFolder.Run(1, 3));
        lane.AppendResults(RecordedFolder.Header(), [.. Enumerable.Range(1, 300).Select(i => Of((ulong)i, $"thing {i}"))]);
        lane.Flush();
        if (closes)
            lane.Close();

        Assert.Equal(300, Read(sought: new Sought("thing 299", "", null)).Length);
        Assert.Equal(300, Read(sought: new Sought("never seen", "", null)).Length);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_catalogue_is_made_again_with_its_labels(bool wasClosed)
    {
        Write(RecordedFolder.Header(), 1, 3, Of(1), Of(2, "cat"));
        var lane = _folder.Lane();
        lane.AppendResults(RecordedFolder.Header(), [Of(3, "dog")]);
        lane.Flush();
        if (wasClosed)
            lane.Close();
        var before = _folder.Known();
        Assert.Contains("0000000002", before, StringComparison.Ordinal);

        _folder.Restart(() => File.Delete(System.IO.Path.Combine(_folder.Path, "catalogue.db")));

        Assert.Equal(before, _folder.Known());
        Assert.Equal(["a3"], Read(sought: new Sought("dog", "people", 0.5f)));
    }

    [Fact]
    public void A_file_that_is_deleted_takes_its_labels_along()
    {
        Write(RecordedFolder.Header(), 1, 3, Of(1));
        var row = Assert.Single(_folder.Catalogue.Find("cam-1", DateTimeOffset.MinValue, DateTimeOffset.MaxValue));

        _folder.Catalogue.Removed(row);

        Assert.Empty(_folder.Catalogue.FindResults("cam-1", DateTimeOffset.MinValue, DateTimeOffset.MaxValue, null));
    }

    [Fact]
    public void A_damaged_chunk_costs_itself_and_is_told()
    {
        Write(RecordedFolder.Header(), 1, 3, Of(1, millis: 1), Of(2, millis: 60_000));
        var bytes = File.ReadAllBytes(_folder.Files()[0]);
        bytes[bytes.AsSpan().IndexOf("person"u8)] ^= 1;
        File.WriteAllBytes(_folder.Files()[0], bytes);

        Assert.Equal(["a2"], Read());
        Assert.Contains("CRC", Assert.Single(_log.All), StringComparison.Ordinal);
    }
}
