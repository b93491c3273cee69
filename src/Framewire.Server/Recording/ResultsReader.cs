using Framewire.Protocol.Log;
using Framewire.Protocol.Video;

namespace Framewire.Server.Recording;

/// <summary>
/// Reads what processors made of a stream's frames in the order in which these were captured, whatever file and order it came in, and no
/// picture for it. Synchronous; any number at the same time.
/// </summary>
/// <remarks>Files, then their chunks, then what is in these wait in order of time: in memory is only what overlaps.</remarks>
internal sealed class ResultsReader(RecordingStore store, RecordingReader recordings)
{
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
        try
        {
            while (true)
            {
                cancellation.ThrowIfCancellationRequested();
                var next = Earlier(waiting.TryPeek(out var first, out _) ? first.CapturedAt : null, chunks.TryPeek(out _, out var begins) ? begins : null);
                if (files.TryPeek(out var file) && (next is null || file.From <= next))
                    Open(store.Folder.PathOf(stream, files.Dequeue().File), from, until, chunks);
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

    private void Open(string path, DateTimeOffset from, DateTimeOffset until, PriorityQueue<(OpenFile File, ResultsChunk Chunk), DateTimeOffset> chunks)
    {
        if (recordings.TryOpen(path) is not { } reader)
            return;
        List<ResultsChunk> all = [.. reader.ResultsChunks().Where(chunk => chunk.Until >= from && chunk.From < until)];
        var file = new OpenFile(reader, all.Count, () => recordings.Finish(path, reader));
        foreach (var chunk in all)
            chunks.Enqueue((file, chunk), chunk.From);
    }

    private static void Load((OpenFile File, ResultsChunk Chunk) next, DateTimeOffset from, DateTimeOffset until, PriorityQueue<FrameResults, FrameResults> waiting)
    {
        foreach (var results in next.File.Reader.ReadResults(next.Chunk).Where(results => results.CapturedAt >= from && results.CapturedAt < until))
            waiting.Enqueue(results, results);
        next.File.Done();
    }

    /// <summary>A file with chunks that are still to be read; closed behind the last one.</summary>
    private sealed class OpenFile
    {
        private readonly Action _close;
        private int _left;

        public OpenFile(SegmentReader reader, int chunks, Action close)
        {
            (Reader, _left, _close) = (reader, chunks, close);
            if (chunks == 0)
                close();
        }

        public SegmentReader Reader { get; }

        /// <summary>One chunk less.</summary>
        public void Done()
        {
            if (--_left == 0)
                _close();
        }
    }
}
