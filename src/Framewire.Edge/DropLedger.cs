using Framewire.Protocol.Video;

namespace Framewire.Edge;

/// <summary>
/// Counts every dropped frame by its reason, and keeps the runs of sequences that the server has not been told of yet, or perhaps not.
/// Owned by one <see cref="Outbox"/>; not thread-safe.
/// </summary>
internal sealed class DropLedger
{
    /// <summary>More runs than this are told as one: a camera may be offline for days.</summary>
    private const int MaxRuns = 256;

    private readonly SortedDictionary<DropReason, long> _counts = [];
    private readonly List<Gap> _untold = [];
    private readonly List<Gap> _told = [];

    public IReadOnlyDictionary<DropReason, long> Counts => _counts;

    public long Total => _counts.Values.Sum();

    /// <summary>Counts the frame and releases it.</summary>
    public void Drop(Frame frame, DropReason reason)
    {
        Drop(new SequenceRun(frame.Sequence, frame.Sequence), reason);
        frame.Release();
    }

    /// <summary>Counts frames of which only the numbers are here.</summary>
    public void Drop(SequenceRun run, DropReason reason)
    {
        _counts[reason] = _counts.GetValueOrDefault(reason) + (long)run.Count;
        Tell(new Gap(run.First, run.Last, reason));
    }

    /// <summary>Numbers that nobody will send, which were never counted as captured here.</summary>
    public void Tell(Gap gap)
    {
        if (_untold.Count > 0 && _untold[^1] is var last && last.Last + 1 == gap.First && (last.Reason == gap.Reason || _untold.Count >= MaxRuns))
            _untold[^1] = last with { Last = gap.Last };
        else if (_untold.Count < MaxRuns)
            _untold.Add(gap);
    }

    /// <summary>Hands over the runs that lie below a sequence, so that the server hears of them before it.</summary>
    public IReadOnlyList<Gap> TakeUntold(ulong below)
    {
        var due = _untold.FindAll(gap => gap.Last < below);
        if (due.Count == 0)
            return [];
        _untold.RemoveAll(gap => gap.Last < below);
        due.Sort((a, b) => a.First.CompareTo(b.First));
        _told.AddRange(due);
        _told.RemoveRange(0, Math.Max(0, _told.Count - MaxRuns));
        return due;
    }

    /// <summary>There is another link: what was told on the one before may not have arrived. The server has what it says, gaps included.</summary>
    public void LinkUp(SequenceSet held)
    {
        Gap[] all = [.. _told, .. _untold];
        _told.Clear();
        _untold.Clear();
        foreach (var gap in all)
        {
            var missing = new SequenceSet([new SequenceRun(gap.First, gap.Last)]);
            foreach (var had in held.Runs.SelectMany(missing.Within).ToList())
                missing.Remove(had);
            foreach (var run in missing.Runs)
                Tell(new Gap(run.First, run.Last, gap.Reason));
        }
    }
}
