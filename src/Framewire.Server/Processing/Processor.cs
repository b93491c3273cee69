using Framewire.Server.Forms;
using Framewire.Server.Streams;
using Microsoft.Extensions.Logging;

namespace Framewire.Server.Processing;

/// <summary>
/// One processor: its instances, and its work on every stream that it is for. Owned by <see cref="ProcessorRegistry"/>, under whose lock every
/// method is called.
/// </summary>
/// <param name="spec">What it is.</param>
/// <param name="forms">What makes the frames as it wants them.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where it tells.</param>
/// <param name="workersFor">The instances for a stream of its own; null if all streams share those that attach.</param>
internal sealed class Processor(ProcessorSpec spec, StreamForms forms, TimeProvider time, ILogger logger, Func<LiveStream, WorkerPool>? workersFor = null)
{
    private readonly WorkerPool _attached = new();
    private readonly Dictionary<LiveStream, (ProcessorSeat Seat, StreamWork? Work)> _streams = [];

    public ProcessorSpec Spec => spec;

    /// <summary>How many of it there are.</summary>
    public int Instances => workersFor is null ? _attached.Count : 1;

    /// <summary>Whether it is part of this program.</summary>
    public bool IsBuiltIn => workersFor is not null;

    /// <summary>Since when there is no instance; null while there is one.</summary>
    public DateTimeOffset? AbsentSince { get; set; }

    /// <summary>Whether frames wait for it.</summary>
    public bool IsAtWork { get; private set; } = workersFor is not null;

    /// <summary>The streams that it works on, or has.</summary>
    public IEnumerable<LiveStream> Streams => _streams.Keys;

    public void Add(IFrameWorker worker, int credit) => _attached.Add(worker, credit);

    /// <returns>How many instances are left.</returns>
    public int Remove(IFrameWorker worker) => _attached.Remove(worker);

    /// <summary>A stream is there: if it is for it, works on it from its next frame on.</summary>
    public void Consider(LiveStream stream)
    {
        if (!spec.Matches(stream.Name) || !IsAtWork)
            return;
        foreach (var closed in _streams.Keys.Where(other => other.IsClosed).ToList())
            _streams.Remove(closed);
        var seat = _streams.TryGetValue(stream, out var known) ? known.Seat : stream.TakeSeat(spec.Name);
        var work = new StreamWork(spec, stream, seat, workersFor?.Invoke(stream) ?? _attached, forms, time, logger);
        _streams[stream] = (seat, work);
        work.Begin();
    }

    /// <summary>Works on all of these streams that it is for.</summary>
    public void Start(IEnumerable<LiveStream> streams)
    {
        if (IsAtWork)
            return;
        IsAtWork = true;
        foreach (var stream in streams)
            Consider(stream);
    }

    /// <summary>Frames wait for it no longer.</summary>
    /// <returns>Completes when nothing is under way any more.</returns>
    public Task Stop()
    {
        IsAtWork = false;
        var works = _streams.Values.Select(entry => entry.Work).OfType<StreamWork>().Where(work => !work.Work.IsCompleted).ToList();
        works.ForEach(work => work.Stop());
        return Task.WhenAll(works.Select(work => work.Work));
    }

    /// <summary>How it does on a stream; null if it is not for it.</summary>
    public ProcessorState? Describe(LiveStream stream)
    {
        if (!spec.Matches(stream.Name))
            return null;
        var (seat, work) = _streams.GetValueOrDefault(stream);
        return new ProcessorState(spec.Name, AbsentSince is null, Instances, spec.EveryFrame, seat?.Counts() ?? default, work?.Error ?? "");
    }

    /// <summary>What is wrong with it, for people; null if nothing is.</summary>
    public string? Trouble() => AbsentSince is { } since
        ? $"it has been gone since {since.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC; start it again"
        : _streams.Where(entry => entry.Value.Work is { Error.Length: > 0 }).Select(entry => $"stream {entry.Key.Name}: {entry.Value.Work!.Error}").FirstOrDefault();
}
