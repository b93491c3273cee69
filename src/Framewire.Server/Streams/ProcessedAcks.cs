using Framewire.Protocol.Video;

namespace Framewire.Server.Streams;

/// <summary>
/// The frames that one call has sent and wants to hear of when they are processed, in the order in which it sent them. Guarded by the
/// stream's lock.
/// </summary>
internal sealed class ProcessedAcks
{
    private readonly Queue<Awaited> _order = new();
    private readonly Dictionary<ulong, Awaited> _bySequence = [];
    private readonly AsyncPulse _changed = new();
    private bool _isLast;

    /// <summary>The call has sent a frame.</summary>
    /// <param name="sequence">Its sequence.</param>
    /// <param name="results">What is known of it; null if it is still waited for.</param>
    public void Await(ulong sequence, FrameResults? results)
    {
        if (_bySequence.ContainsKey(sequence))
            return;
        var awaited = new Awaited(sequence) { Results = results };
        _order.Enqueue(awaited);
        _bySequence[sequence] = awaited;
        if (results is not null)
            _changed.Beat();
    }

    /// <summary>A frame is processed.</summary>
    public void Processed(FrameResults results)
    {
        if (!_bySequence.TryGetValue(results.Sequence, out var awaited))
            return;
        awaited.Results = results;
        _changed.Beat();
    }

    /// <summary>No frame will follow.</summary>
    public void NoMore()
    {
        _isLast = true;
        _changed.Beat();
    }

    /// <summary>The next frames that are processed, in order; none when no frame will follow and all are.</summary>
    public async Task<IReadOnlyList<FrameResults>> NextAsync(Lock streamLock, CancellationToken cancellation)
    {
        while (true)
        {
            var changed = _changed.Next;
            lock (streamLock)
            {
                List<FrameResults> ready = [];
                while (_order.TryPeek(out var next) && next.Results is { } results)
                {
                    _order.Dequeue();
                    _bySequence.Remove(next.Sequence);
                    ready.Add(results);
                }

                if (ready.Count > 0 || (_isLast && _order.Count == 0))
                    return ready;
            }

            await changed.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>One frame, and what was made of it once that is known.</summary>
    private sealed class Awaited(ulong sequence)
    {
        public ulong Sequence => sequence;

        public FrameResults? Results { get; set; }
    }
}
