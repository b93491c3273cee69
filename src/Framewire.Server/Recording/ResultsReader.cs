using Framewire.Protocol.Log;
using Framewire.Protocol.Video;

namespace Framewire.Server.Recording;

/// <summary>
/// Reads what processors made of a stream's frames in the order in which these were captured, whatever file and order it came in, and no
/// picture for it. Synchronous; any number at the same time.
/// </summary>
/// <remarks>
/// Files, then their chunks, then what is in these wait in order of time: in memory is only what overlaps. If more files do than are opened at
/// a time, as those of a clock that often begins in 1970, the later ones of these come later than they should.
/// </remarks>
internal sealed class ResultsReader(RecordingStore store, RecordingReader recordings)
{
    /// <summary>Files open at the same time.</summary>
    internal const int MostOpen = 64;

    private static readonly Comparer<FrameResults> ByTime = Comparer<FrameResults>.Create((a, b) =>
        a.CapturedAt != b.CapturedAt ? a.CapturedAt.CompareTo(b.CapturedAt)
        : a.Session != b.Session ? string.CompareOrdinal(a.Session, b.Session)
        : a.Sequence.CompareTo(b.Sequence));

    /// <summary>Results of frames captured in a span of time.</summary>
    /// <param name="stream">The stream's name.</param>
    /// <param name="from">The first time of interest.</param>
    /// <param name="until">The first one that is not.</param>
    /// <param name="sought">Files that have nothing of it are passed over; null for all.</param>
    /// <param name="cancellation">Ends it with an exception.</param>
    public IEnumerable<FrameResults> Read(string stream, DateTimeOffset from, DateTimeOffset until, Sought? sought, CancellationToken cancellation)
    {
        var files = new Queue<ResultsFile>(store.Catalogue.FindResults(stream, from, until, sought));
        var chunks = new PriorityQueue<(OpenFile File, ResultsChunk Chunk), DateTimeOffset>();
        var waiting = new PriorityQueue<FrameResults, FrameResults>(ByTime);
        FrameResults? last = null;
        var open = 0;
        try
        {
            while (true)
            {
                cancellation.ThrowIfCancellationRequested();
                var next = Earlier(waiting.TryPeek(out var first, out _) ? first.CapturedAt : null, chunks.TryPeek(out _, out var begins) ? begins : null);
                if (files.TryPeek(out var file) && (next is null || (file.From <= next && open < MostOpen)))
                    open += Open(store.Folder.PathOf(stream, files.Dequeue().File), from, until, chunks, () => open--) ? 1 : 0;
                else if (next is null)
                    yield break;
                else if (chunks.Count > 0 && begins <= next)
                    Load(chunks.Dequeue(), from, until, waiting);
                else if (waiting.Dequeue() is var results && (last is null || ByTime.Compare(results, last) != 0)) // what was written twice is told once
                    yield return last = results;
            }
        }
        finally
        {
            while (chunks.TryDequeue(out var unread, out _))
                unread.File.Done();
        }
    }

    private static DateTimeOffset? Earlier(DateTimeOffset? a, DateTimeOffset? b) => a is null || b < a ? b : a;

    /// <summary>Opens a file and lines its chunks up; false if it has nothing to read.</summary>
    private bool Open(
        string path, DateTimeOffset from, DateTimeOffset until, PriorityQueue<(OpenFile File, ResultsChunk Chunk), DateTimeOffset> chunks, Action closed)
    {
        if (recordings.TryOpen(path) is not { } reader)
            return false;
        List<ResultsChunk> all = [.. reader.ResultsChunks().Where(chunk => chunk.Until >= from && chunk.From < until)];
        var file = new OpenFile(reader, all.Count, () =>
        {
            recordings.Finish(path, reader);
            closed();
        });
        foreach (var chunk in all)
            chunks.Enqueue((file, chunk), chunk.From);
        if (all.Count == 0)
            recordings.Finish(path, reader);
        return all.Count > 0;
    }

    private static void Load((OpenFile File, ResultsChunk Chunk) next, DateTimeOffset from, DateTimeOffset until, PriorityQueue<FrameResults, FrameResults> waiting)
    {
        foreach (var results in next.File.Reader.ReadResults(next.Chunk).Where(results => results.CapturedAt >= from && results.CapturedAt < until))
            waiting.Enqueue(results, results);
        next.File.Done();
    }

    /// <summary>A file with chunks that are still to be read; closed behind the last one.</summary>
    private sealed class OpenFile(SegmentReader reader, int chunks, Action close)
    {
        private int _left = chunks;

        public SegmentReader Reader => reader;

        /// <summary>One chunk less.</summary>
        public void Done()
        {
            if (--_left == 0)
                close();
        }
    }
}
