using Framewire.Protocol.Video;

namespace Framewire.Server.Streams;

/// <content>The processors' half: which frames wait for whose answers, and what the answers were.</content>
public sealed partial class LiveStream
{
    /// <summary>Frames whose results are kept for viewers, acks that come late, and the recorder.</summary>
    private const int KeptResults = 2048;
    private const long KeptResultBytes = 16L << 20;

    private readonly List<ProcessorSeat> _seats = [];
    private readonly ResultBoard _board;
    private readonly AsyncPulse _processed = new();
    private TimeSpan _resultDelay;

    /// <summary>Who processes the stream, by the processor's name; set by whoever manages processors, when the stream is made.</summary>
    internal Func<LiveStream, IReadOnlyList<ProcessorState>>? DescribeProcessors { get; set; }

    /// <summary>Whether frames wait for answers.</summary>
    internal bool HasPendingResults
    {
        get
        {
            lock (_lock)
                return _board.HasPending;
        }
    }

    /// <summary>Whether any processor has a place here.</summary>
    internal bool IsProcessed
    {
        get
        {
            lock (_lock)
                return _seats.Count > 0;
        }
    }

    /// <summary>Done when frames become complete after it was asked for; null if no frame waits and nobody is here.</summary>
    internal Task? NextResults
    {
        get
        {
            lock (_lock)
                return _seats.Count > 0 || _board.HasPending ? _processed.Next : null;
        }
    }

    /// <summary>From now on every frame waits for this processor.</summary>
    internal ProcessorSeat TakeSeat(string processor)
    {
        var seat = new ProcessorSeat(this, processor);
        TakeSeat(seat);
        return seat;
    }

    internal void TakeSeat(ProcessorSeat seat)
    {
        lock (_lock)
        {
            if (!_seats.Contains(seat))
                _seats.Add(seat);
        }
    }

    /// <summary>Hands an event on to this stream's readers; for the maker of a form.</summary>
    internal void Pass(StreamEvent other)
    {
        lock (_lock)
            _history.Append(other);
        _appended.Beat();
    }

    internal bool TakeForProcessing(ProcessorSeat seat, string session, ulong sequence)
    {
        lock (_lock)
        {
            if (_board.Find(session, sequence) is not { } taken || !taken.Untaken.Remove(seat))
                return false;
            taken.Taken.Add(seat);
            foreach (var other in _board.Pending)
            {
                if (taken.IsPast(other))
                    GiveUp(other, seat, null);
            }

            Settle();
            return true;
        }
    }

    internal void GiveUpWhatWaits(ProcessorSeat seat, long frames, string? error)
    {
        lock (_lock)
        {
            foreach (var frame in _board.Pending.TakeWhile(frame => frame.Index < frames))
                GiveUp(frame, seat, error);
            Settle();
        }
    }

    internal void Answer(ProcessorSeat seat, string session, ulong sequence, FrameResult? result)
    {
        lock (_lock)
        {
            if (_board.Find(session, sequence) is not { } frame || !frame.Taken.Remove(seat))
                return;
            Enter(frame, seat, result is null ? null : result with { Processor = seat.Processor });
            Settle();
        }
    }

    internal ProcessorCounts CountsOf(ProcessorSeat seat)
    {
        lock (_lock)
            return seat.CountsNow();
    }

    internal void Leave(ProcessorSeat seat)
    {
        lock (_lock)
        {
            _seats.Remove(seat);
            foreach (var frame in _board.Pending)
            {
                if (frame.Untaken.Remove(seat) | frame.Taken.Remove(seat))
                    Enter(frame, seat, FrameResult.Skipped(seat.Processor));
            }

            Settle();
        }
    }

    /// <summary>What became complete at or after a position.</summary>
    /// <param name="position">The position, which moves behind what is returned.</param>
    internal IReadOnlyList<FrameResults> TakeResults(ref long position)
    {
        lock (_lock)
        {
            List<FrameResults> results = [.. _board.KeptFrom(position).Where(frame => frame.Results.Count > 0).Select(frame => frame.ToResults())];
            position = _board.End;
            return results;
        }
    }

    /// <summary>
    /// What the processors made of a frame, waiting as long as they usually take, and at most so long since it came: whoever shows frame after
    /// frame then shows them evenly, each with its results. Empty if nobody processes it, or it is too late.
    /// </summary>
    internal async ValueTask<IReadOnlyList<FrameResult>> ResultsOfAsync(string session, ulong sequence, TimeSpan patience, CancellationToken cancellation)
    {
        while (true)
        {
            var changed = _processed.Next;
            TimeSpan left;
            lock (_lock)
            {
                if (_board.Find(session, sequence) is not { } frame)
                    return [];
                left = frame.At + (frame.IsDone ? Min(_resultDelay, patience) : patience) - Uptime;
                if (left <= TimeSpan.Zero)
                    return [.. frame.Results];
            }

            await Task.WhenAny(changed, Task.Delay(left, _time, cancellation)).ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
        }
    }

    internal Task<IReadOnlyList<FrameResults>> NextProcessedAsync(Publication publication, CancellationToken cancellation) =>
        publication.ProcessedAcks!.NextAsync(_lock, cancellation);

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    /// <summary>Every frame that comes waits for those who are here now.</summary>
    private void AwaitResults(StreamSession session, Frame frame, bool isBackfill)
    {
        if (_seats.Count == 0)
            return;
        if (_board.Add(new AwaitedResults(session, frame, isBackfill, Uptime, _seats)) is { } overdue)
        {
            foreach (var seat in (ProcessorSeat[])[.. overdue.Untaken, .. overdue.Taken])
            {
                GiveUp(overdue, seat, null);
                if (overdue.Taken.Remove(seat))
                    Enter(overdue, seat, FrameResult.Skipped(seat.Processor));
            }

            Settle();
        }
    }

    private void GiveUp(AwaitedResults frame, ProcessorSeat seat, string? error)
    {
        if (frame.Untaken.Remove(seat))
            Enter(frame, seat, error is null ? FrameResult.Skipped(seat.Processor) : FrameResult.Failed(seat.Processor, error));
    }

    private void Enter(AwaitedResults frame, ProcessorSeat seat, FrameResult? result)
    {
        frame.Add(result);
        if (result is not null)
            seat.Count(result, Uptime - frame.At);
    }

    /// <summary>Tells everyone of the frames that are complete now.</summary>
    private void Settle()
    {
        var complete = _board.TakeComplete();
        if (complete.Count == 0)
            return;
        foreach (var frame in complete)
        {
            LevelTimes?.Count(HeldLevel.Processed, Uptime - frame.At);
            if (frame.Trace is { } trace)
                FrameTrace.Tell(trace, HeldLevel.Processed, frame.ReceivedAt, frame.ReceivedAt + (Uptime - frame.At));
            if (frame.Session.IsLossless)
                frame.Session.Processed.Add(frame.Sequence);
            if (_publication?.Session == frame.Session)
                _publication.ProcessedAcks?.Processed(frame.ToResults());
            if (frame.Results.Any(result => result.State == ResultState.Done))
                _resultDelay = frame.At + _resultDelay < Uptime ? Uptime - frame.At : _resultDelay * 0.99;
        }

        _processed.Beat();
    }

    /// <summary>A call that wants to hear of processed frames has sent one: of one that nobody looks at it hears at once.</summary>
    private void AwaitProcessed(Publication publication, Frame frame)
    {
        if (publication.ProcessedAcks is not { } acks)
            return;
        var known = _board.Find(publication.Session.Id, frame.Sequence);
        if (known is { IsDone: false })
        {
            acks.Await(frame.Sequence, null);
            return;
        }

        if (publication.Session.IsLossless)
            publication.Session.Processed.Add(frame.Sequence);
        acks.Await(frame.Sequence, known?.ToResults() ?? new FrameResults(publication.Session.Id, frame.Sequence, frame.CapturedAt, []));
    }
}
