using Framewire.Protocol.Video;

namespace Framewire.Server.Streams;

/// <summary>How one processor does on one stream, at one moment.</summary>
/// <param name="Name">The processor's name.</param>
/// <param name="IsAttached">Whether it is at work.</param>
/// <param name="Instances">How many of it share the frames.</param>
/// <param name="EveryFrame">Whether it is to have every frame of a lossless session.</param>
/// <param name="Counts">What it has done.</param>
/// <param name="Error">What is wrong, for people; empty if nothing is.</param>
public sealed record ProcessorState(string Name, bool IsAttached, int Instances, bool EveryFrame, ProcessorCounts Counts, string Error = "");

/// <summary>What one processor has made of one stream's frames.</summary>
/// <param name="Done">Frames that it has answered.</param>
/// <param name="Skipped">Frames that went by while it was busy or gone.</param>
/// <param name="Failed">Frames that it could not do.</param>
/// <param name="P50">From receiving a frame to the answer, median of the last answers.</param>
/// <param name="P99">The same, 99th percentile.</param>
public readonly record struct ProcessorCounts(ulong Done, ulong Skipped, ulong Failed, TimeSpan P50, TimeSpan P99);

/// <summary>
/// One processor's place on one stream: while it has one, every frame waits for its answer. Owned by the processor's loop for the stream,
/// which leaves by <see cref="Dispose"/>; thread-safe.
/// </summary>
public sealed class ProcessorSeat : IDisposable
{
    private const int Latencies = 256;

    private readonly LiveStream _stream;
    private readonly TimeSpan[] _latencies = new TimeSpan[Latencies];
    private int _answers;

    internal ProcessorSeat(LiveStream stream, string processor) => (_stream, Processor) = (stream, processor);

    /// <summary>The processor's name.</summary>
    public string Processor { get; }

    /// <summary>What it has done. Guarded by the stream's lock.</summary>
    internal ulong Done { get; private set; }

    internal ulong Skipped { get; private set; }

    internal ulong Failed { get; private set; }

    /// <summary>Takes a frame to look at. What came before it and was not taken is skipped.</summary>
    /// <returns>Whether an answer is waited for.</returns>
    public bool Take(string session, ulong sequence) => _stream.TakeForProcessing(this, session, sequence);

    /// <summary>Nothing of what has come and was not taken can be: it is skipped or, for a reason, failed.</summary>
    /// <param name="frames">What came before so many had come.</param>
    /// <param name="error">The reason, for people.</param>
    public void GiveUpWhatWaits(long frames = long.MaxValue, string? error = null) => _stream.GiveUpWhatWaits(this, frames, error);

    /// <summary>Takes the place again after it was left.</summary>
    public void TakeAgain() => _stream.TakeSeat(this);

    /// <summary>Gives the answer for a frame that was taken; null if there is nothing to say of it.</summary>
    public void Answer(string session, ulong sequence, FrameResult? result) => _stream.Answer(this, session, sequence, result);

    /// <summary>What it has done so far.</summary>
    public ProcessorCounts Counts() => _stream.CountsOf(this);

    /// <summary>Leaves: whatever waits for it goes on without it.</summary>
    public void Dispose() => _stream.Leave(this);

    internal void Count(FrameResult result, TimeSpan latency)
    {
        if (result.State == ResultState.Skipped)
        {
            Skipped++;
            return;
        }

        _latencies[_answers++ % Latencies] = latency;
        if (result.State == ResultState.Failed)
            Failed++;
        else
            Done++;
    }

    internal ProcessorCounts CountsNow()
    {
        var sorted = _latencies[..Math.Min(_answers, Latencies)];
        Array.Sort(sorted);
        return sorted.Length == 0
            ? new(Done, Skipped, Failed, default, default)
            : new(Done, Skipped, Failed, sorted[sorted.Length / 2], sorted[(sorted.Length - 1) * 99 / 100]);
    }
}
