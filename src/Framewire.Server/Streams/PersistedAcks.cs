using Framewire.Protocol.Video;

namespace Framewire.Server.Streams;

/// <summary>
/// What one call has sent that is not yet known to be on disk, and what has got there since it last asked. Guarded by the stream's lock.
/// </summary>
internal sealed class PersistedAcks
{
    private readonly SequenceSet _awaited = new();
    private readonly SequenceSet _ready = new();
    private readonly AsyncPulse _changed = new();
    private bool _isLast;
    private bool _stopped;

    /// <summary>Frames not on disk yet.</summary>
    public ulong Awaited => _awaited.Count;

    /// <summary>Runs of them.</summary>
    public int Runs => _awaited.Runs.Count;

    /// <summary>The call has sent a frame.</summary>
    public void Await(ulong sequence, SequenceSet persisted)
    {
        (persisted.Contains(sequence) ? _ready : _awaited).Add(sequence);
        _changed.Beat();
    }

    /// <summary>Frames are on disk.</summary>
    public void Persisted(SequenceRun run)
    {
        foreach (var mine in _awaited.Within(run))
            _ready.Add(mine);
        _awaited.Remove(run);
        _changed.Beat();
    }

    /// <summary>No frame will follow.</summary>
    public void NoMore()
    {
        _isLast = true;
        _changed.Beat();
    }

    /// <summary>Some of what is awaited may never come: it was here while nothing got to the disk. Only another call gets it there.</summary>
    public void Stopped()
    {
        _stopped = true;
        _changed.Beat();
    }

    /// <summary>The next runs that are on disk; none when no frame will follow and all are there, or those that are not will never be.</summary>
    public async Task<IReadOnlyList<SequenceRun>> NextAsync(Lock streamLock, CancellationToken cancellation)
    {
        while (true)
        {
            var changed = _changed.Next;
            lock (streamLock)
            {
                SequenceRun[] runs = [.. _ready.Runs];
                _ready.Clear();
                if (runs.Length > 0 || (_isLast && (_stopped || _awaited.Count == 0)))
                    return runs;
            }

            await changed.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }
}
