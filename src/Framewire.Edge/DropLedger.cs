using Framewire.Protocol.Video;

namespace Framewire.Edge;

/// <summary>
/// Counts every dropped frame by its reason, and keeps the runs of sequences that the server has not been told of yet.
/// Owned by one <see cref="Outbox"/>; not thread-safe.
/// </summary>
internal sealed class DropLedger
{
    /// <summary>More runs than this are told as one: a camera may be offline for days.</summary>
    private const int MaxRuns = 256;

    private readonly SortedDictionary<DropReason, long> _counts = [];
    private readonly List<Gap> _untold = [];

    public IReadOnlyDictionary<DropReason, long> Counts => _counts;

    public long Total => _counts.Values.Sum();

    /// <summary>Counts the frame and releases it.</summary>
    public void Drop(Frame frame, DropReason reason)
    {
        _counts[reason] = _counts.GetValueOrDefault(reason) + 1;
        Note(frame.Sequence, reason);
        frame.Release();
    }

    /// <summary>Counts frames of which only the numbers are here.</summary>
    public void Drop(SequenceRun run, DropReason reason)
    {
        _counts[reason] = _counts.GetValueOrDefault(reason) + (long)run.Count;
        Tell(new Gap(run.First, run.Last, reason));
    }

    /// <summary>Numbers that nobody will send, which were never counted as captured here.</summary>
    public void Tell(Gap gap) => _untold.Add(gap);

    /// <summary>Hands over the runs that lie below a sequence, so that the server hears of them before it.</summary>
    public IReadOnlyList<Gap> TakeUntold(ulong below)
    {
        var due = _untold.FindAll(gap => gap.Last < below);
        if (due.Count == 0)
            return [];
        _untold.RemoveAll(gap => gap.Last < below);
        due.Sort((a, b) => a.First.CompareTo(b.First));
        return due;
    }

    private void Note(ulong sequence, DropReason reason)
    {
        if (_untold.Count > 0 && _untold[^1] is var last && last.Last + 1 == sequence)
        {
            if (last.Reason == reason || _untold.Count >= MaxRuns)
            {
                _untold[^1] = last with { Last = sequence };
                return;
            }
        }

        if (_untold.Count < MaxRuns)
            _untold.Add(new Gap(sequence, sequence, reason));
    }
}
