using Framewire.Protocol.Log;
using Framewire.Protocol.V1;
using Framewire.Protocol.Video;
using Microsoft.Extensions.Logging;
using Frame = Framewire.Protocol.Video.Frame;

namespace Framewire.Server.Recording;

/// <summary>A frame read from a recording, which whoever is given it holds.</summary>
/// <param name="Session">The session that it belongs to.</param>
/// <param name="Format">What it looks like.</param>
/// <param name="Frame">The frame.</param>
public readonly record struct RecordedFrame(string Session, StreamFormat Format, Frame Frame);

/// <summary>What is in one file, and what is wrong with it.</summary>
/// <param name="File">The file's path.</param>
/// <param name="Summary">What is in it; null if it is no segment at all.</param>
/// <param name="Frames">Frames that could be read, each with its checksum right.</param>
/// <param name="Mistakes">What is wrong, for people; empty if nothing is.</param>
public sealed record VerifiedSegment(string File, SegmentSummary? Summary, long Frames, IReadOnlyList<string> Mistakes);

/// <summary>
/// A folder of recordings on this machine, read without a server; one may record there meanwhile. Not thread-safe.
/// </summary>
public sealed class LocalRecordings : IDisposable
{
    private readonly RecordingStore _store;
    private readonly RecordingReader _reader;

    private readonly ResultsReader _results;

    private LocalRecordings(RecordingStore store, ILogger logger)
    {
        (_store, _reader) = (store, new RecordingReader(store, logger));
        _results = new ResultsReader(store, _reader);
    }

    /// <summary>Looks into every file of a folder.</summary>
    /// <exception cref="IOException">It is not there, or cannot be read.</exception>
    public static LocalRecordings Open(string directory, ILogger logger) => new(RecordingStore.OpenCopy(directory, logger), logger);

    /// <summary>Every recording, by the stream's name.</summary>
    public ListResponse List()
    {
        var response = new ListResponse();
        response.Recordings.AddRange(_store.Catalogue.Totals().Select(RecordingsEndpoint.ToWire));
        return response;
    }

    /// <summary>The frames captured in a span of time, from the keyframe at or before its beginning on.</summary>
    /// <exception cref="IOException">There is nothing.</exception>
    public IEnumerable<RecordedFrame> Read(string stream, DateTimeOffset from, DateTimeOffset until)
    {
        if (!_reader.HasAny(stream, new RecordingStart(from), until))
            throw Nothing(stream);
        foreach (var (header, entry) in _reader.Read(stream, new RecordingStart(from), until))
        {
            if (entry is LogEntry.Picture { Frame: var frame })
                yield return new RecordedFrame(header.Session, header.Format, frame);
        }
    }

    /// <summary>Where in a recording something is.</summary>
    /// <exception cref="IOException">Nothing of the stream is recorded.</exception>
    public FindResponse Find(FindRequest request, CancellationToken cancellation) =>
        _store.Catalogue.Totals().Any(totals => totals.Stream == request.Stream)
            ? ResultsEndpoint.Find(_results, request.Stream, request, cancellation)
            : throw Nothing(request.Stream);

    /// <summary>Reads every file of a stream, or of all, and checks all that can be checked.</summary>
    public IEnumerable<VerifiedSegment> Verify(string? stream)
    {
        foreach (var name in _store.Folder.Streams().Where(name => stream is null || name == stream).Order(StringComparer.Ordinal))
        {
            foreach (var file in _store.Folder.FilesOf(name))
                yield return Verify(name, _store.Folder.PathOf(name, file));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _store.Dispose();

    private static IOException Nothing(string stream) => new($"nothing of stream '{stream}' is recorded there; 'framewire recordings list' tells what is.");

    private static VerifiedSegment Verify(string stream, string path)
    {
        if (SegmentRepair.Inspect(path, out var mistake) is not { } summary)
            return new VerifiedSegment(path, null, 0, [mistake ?? "there is nothing in it"]);
        using var reader = SegmentReader.Open(path);
        List<string> mistakes = [];
        var (frames, last) = (0L, 0ul);
        foreach (var entry in reader.ReadAll())
        {
            if (entry is not LogEntry.Picture { Frame: var frame })
                continue;
            if (frame.Sequence <= last)
                mistakes.Add($"frame {frame.Sequence} comes after frame {last}");
            last = frame.Sequence;
            frames++;
            frame.Release();
        }

        var results = reader.ReadResults().LongCount();
        mistakes.AddRange(reader.Damage);
        if (summary.IsClosed && frames != summary.Frames)
            mistakes.Add($"it should have {summary.Frames} frames and has {frames}");
        if (summary.IsClosed && results != summary.Results.Frames)
            mistakes.Add($"it should have the results of {summary.Results.Frames} frames and has those of {results}");
        if (summary.Header.Stream != stream)
            mistakes.Add($"it is of stream '{summary.Header.Stream}'");
        return new VerifiedSegment(path, summary, frames, mistakes);
    }
}
