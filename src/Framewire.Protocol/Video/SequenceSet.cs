namespace Framewire.Protocol.Video;

/// <summary>A set of sequences, kept as runs: what is held of a session is one run and seldom more than a few. Not thread-safe.</summary>
public sealed class SequenceSet
{
    private readonly List<SequenceRun> _runs = [];

    /// <summary>An empty set.</summary>
    public SequenceSet()
    {
    }

    /// <summary>A set of these runs, in any order, overlapping or not.</summary>
    public SequenceSet(IEnumerable<SequenceRun> runs)
    {
        foreach (var run in runs)
            Add(run);
    }

    /// <summary>The runs, in order, with at least one sequence between any two.</summary>
    public IReadOnlyList<SequenceRun> Runs => _runs;

    /// <summary>How many sequences are in the set.</summary>
    public ulong Count { get; private set; }

    /// <summary>The lowest sequence; null if the set is empty.</summary>
    public ulong? First => _runs.Count > 0 ? _runs[0].First : null;

    /// <summary>The highest sequence; null if the set is empty.</summary>
    public ulong? Last => _runs.Count > 0 ? _runs[^1].Last : null;

    /// <summary>Whether a sequence is in the set.</summary>
    public bool Contains(ulong sequence)
    {
        var at = IndexEndingAtOrAfter(sequence);
        return at < _runs.Count && _runs[at].First <= sequence;
    }

    /// <summary>Adds one sequence.</summary>
    public void Add(ulong sequence) => Add(new SequenceRun(sequence, sequence));

    /// <summary>Adds a run, joined with whatever it touches.</summary>
    public void Add(SequenceRun run)
    {
        if (run.First > run.Last)
            return;
        var at = IndexEndingAtOrAfter(run.First == 0 ? 0 : run.First - 1);
        var until = at;
        for (; until < _runs.Count && _runs[until].First <= (run.Last == ulong.MaxValue ? run.Last : run.Last + 1); until++)
        {
            Count -= _runs[until].Count;
            run = new SequenceRun(Math.Min(run.First, _runs[until].First), Math.Max(run.Last, _runs[until].Last));
        }

        Count += run.Count;
        if (until == at + 1)
        {
            _runs[at] = run;
            return;
        }

        _runs.RemoveRange(at, until - at);
        _runs.Insert(at, run);
    }

    /// <summary>Takes one sequence out.</summary>
    /// <returns>Whether it was in.</returns>
    public bool Remove(ulong sequence)
    {
        var before = Count;
        Remove(new SequenceRun(sequence, sequence));
        return Count < before;
    }

    /// <summary>Takes every sequence of a run out.</summary>
    public void Remove(SequenceRun run)
    {
        if (run.First > run.Last)
            return;
        var at = IndexEndingAtOrAfter(run.First);
        while (at < _runs.Count && _runs[at].First <= run.Last)
        {
            var held = _runs[at];
            _runs.RemoveAt(at);
            Count -= held.Count;
            if (held.First < run.First)
                Put(at++, new SequenceRun(held.First, run.First - 1));
            if (held.Last > run.Last)
                Put(at++, new SequenceRun(run.Last + 1, held.Last));
        }
    }

    /// <summary>What this set and a run have in common, in order.</summary>
    public IEnumerable<SequenceRun> Within(SequenceRun run)
    {
        for (var at = IndexEndingAtOrAfter(run.First); run.First <= run.Last && at < _runs.Count && _runs[at].First <= run.Last; at++)
            yield return new SequenceRun(Math.Max(run.First, _runs[at].First), Math.Min(run.Last, _runs[at].Last));
    }

    /// <summary>Empties the set.</summary>
    public void Clear()
    {
        _runs.Clear();
        Count = 0;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join(", ", _runs);

    private void Put(int at, SequenceRun run)
    {
        _runs.Insert(at, run);
        Count += run.Count;
    }

    /// <summary>The index of the first run whose last sequence is no lower than <paramref name="sequence"/>.</summary>
    private int IndexEndingAtOrAfter(ulong sequence)
    {
        var (low, high) = (0, _runs.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_runs[middle].Last < sequence)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
