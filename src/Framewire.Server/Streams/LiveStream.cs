using System.Diagnostics.CodeAnalysis;
using Framewire.Protocol.Video;

namespace Framewire.Server.Streams;

/// <summary>
/// A named sequence of frames from one publisher at a time, handed to every reader. Owned by the <see cref="StreamRegistry"/>;
/// thread-safe: one lock guards the history, the readers' places and the counters, and nothing waits while holding it.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A publication belongs to the call that holds it.")]
public sealed partial class LiveStream
{
    private readonly Lock _lock = new();
    private readonly FrameHistory _history;
    private readonly List<SubscriptionCursor> _readers = [];
    private readonly RateMeter _rate = new();
    private readonly AsyncPulse _appended = new();
    private readonly AsyncPulse _consumed = new();
    private readonly StreamLimits _limits;
    private readonly TimeProvider _time;
    private readonly long _createdAt;
    private readonly Func<string, SequenceSet?> _remember;
    private Publication? _publication;
    private StreamSession? _session;
    private DateTimeOffset? _offlineSince;
    private bool _complete;
    private bool _closed;

    /// <param name="name">The stream's name, checked.</param>
    /// <param name="limits">How much it may take.</param>
    /// <param name="time">The clock.</param>
    /// <param name="remember">What is on disk of a session that is not known here; null if nothing ever is.</param>
    internal LiveStream(string name, StreamLimits limits, TimeProvider time, Func<string, SequenceSet?>? remember = null)
    {
        Name = name;
        _remember = remember ?? (_ => null);
        _limits = limits;
        _time = time;
        _createdAt = time.GetTimestamp();
        _history = new FrameHistory(limits.HistoryBytes, limits.HistoryFrames);
        _board = new ResultBoard(limits.HistoryFrames, KeptResults, KeptResultBytes);
        _offlineSince = time.GetUtcNow();
    }

    /// <summary>The stream's name, checked.</summary>
    public string Name { get; }

    /// <summary>Raised, outside the lock, when a lossless reader was detached for holding up the publisher.</summary>
    internal event Action<LiveStream>? ReaderDetached;

    /// <summary>What the frames of the session look like, of now or of the last time; null before the first.</summary>
    internal StreamFormat? Format => Session?.Format;

    private StreamSession? Session
    {
        get
        {
            lock (_lock)
                return _session;
        }
    }

    private TimeSpan Uptime => _time.GetElapsedTime(_createdAt);

    /// <summary>
    /// Gives the stream to a call. The same session goes on where it was; a later one takes over, and the earlier call is revoked.
    /// </summary>
    /// <param name="offered">The session; one that is known already goes on with what is known of it.</param>
    /// <param name="peer">Where the publisher connects from.</param>
    /// <param name="agent">The publisher's program.</param>
    /// <param name="acks">What the call wants to be told.</param>
    /// <param name="owner">Whose credentials the call came with: nobody else takes over from it.</param>
    /// <returns>Null if a later session or somebody else is publishing now, or the stream has just been forgotten.</returns>
    internal Publication? TryPublish(StreamSession offered, string peer, string agent, AwaitedAcks acks = AwaitedAcks.None, string owner = "")
    {
        Publication? revoked;
        Publication publication;
        if (Session?.Id != offered.Id && _remember(offered.Id) is { } persisted)
            offered.Remember(persisted);
        lock (_lock)
        {
            if (_closed || (_publication is not null && _session!.Id != offered.Id && _session.StartedAt > offered.StartedAt))
                return null;
            if (_publication is not null && _publication.Owner != owner)
                return null;

            if (_session?.Id != offered.Id)
            {
                _before = CountNow();
                (_session, _report) = (offered, null);
            }


            revoked = _publication;
            revoked?.TakenOverBy(_session);
            publication = _publication = new Publication(this, _session!, peer, agent, acks, owner);
            _readers.ForEach(reader => reader.Follow(_history, _session!));
            (_lastPeer, _lastAgent) = (peer, agent);
            _offlineSince = null;
            _complete = false;
        }

        revoked?.Revoke();
        return publication;
    }

    /// <summary>Whether somebody with other credentials is publishing.</summary>
    internal bool IsPublishedByOther(string owner)
    {
        lock (_lock)
            return _publication is not null && _publication.Owner != owner;
    }

    internal async ValueTask<PublishOutcome> PublishAsync(Publication publication, Frame frame, CancellationToken cancellation)
    {
        PublishOutcome outcome;
        try
        {
            await WaitForLosslessReadersAsync(frame.Buffer.Length, cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            frame.Release();
            throw;
        }

        lock (_lock)
            outcome = TryAppend(publication, frame);
        if (outcome == PublishOutcome.Received)
        {
            _appended.Beat();
            LevelTimes?.Count(HeldLevel.Received, frame, _time);
        }
        else
        {
            frame.Release();
        }

        return outcome;
    }

    private PublishOutcome TryAppend(Publication publication, Frame frame)
    {
        if (publication != _publication)
            return PublishOutcome.Revoked;

        var session = publication.Session;
        var verdict = SequenceTracker.Judge(session, frame.Sequence);
        switch (verdict)
        {
            case SequenceVerdict.Invalid:
                return PublishOutcome.InvalidSequence;
            case SequenceVerdict.Duplicate:
                session.Duplicates++;
                AwaitAcks(publication, frame);
                return PublishOutcome.Duplicate;
            case SequenceVerdict.AfterGap when Math.Max(session.Held.Runs.Count, publication.Acks.Runs) >= _limits.MaxRunsPerSession:
                return PublishOutcome.TooScattered;
            case SequenceVerdict.AfterGap when frame.Sequence - 1 > session.AccountedSequence:
                AppendGap(session, new Gap(session.AccountedSequence + 1, frame.Sequence - 1, DropReason.Unspecified));
                break;
        }

        Take(session, frame, verdict == SequenceVerdict.Backfill);
        AwaitAcks(publication, frame);
        return PublishOutcome.Received;
    }

    private void AwaitAcks(Publication publication, Frame frame)
    {
        publication.AwaitPersisted(frame.Sequence, isRecorded: _recording.State != RecordingState.Stopped);
        AwaitProcessed(publication, frame);
    }

    private void Take(StreamSession session, Frame frame, bool isBackfill)
    {
        // Told to be missing, and here after all.
        if (frame.Sequence <= session.AccountedSequence && session.Missing > 0)
            session.Missing--;
        session.ReceivedSequence = Math.Max(session.ReceivedSequence, frame.Sequence);
        session.AccountedSequence = Math.Max(session.AccountedSequence, frame.Sequence);
        if (session.IsLossless && _recording.State != RecordingState.Stopped)
            session.Held.Add(frame.Sequence);
        session.Frames++;
        session.Bytes += (ulong)frame.Buffer.Length;
        if (!isBackfill)
        {
            _rate.Count(Uptime, frame.Buffer.Length);
            LastCapturedAt = frame.CapturedAt;
            LastReceivedAt = frame.ReceivedAt;
        }

        AwaitResults(session, frame, isBackfill);
        _history.Append(new StreamEvent.Arrived(session, frame, Uptime, isBackfill));
    }

    internal void Report(Publication publication, Gap gap)
    {
        lock (_lock)
        {
            var session = publication.Session;
            if (publication != _publication || (gap.Last <= session.AccountedSequence && !session.IsLossless))
                return;
            // No note pushes out what a lossless reader has yet to read. The next frame waits for that, and tells of the gap as well.
            if (_readers.Exists(reader => HoldsUp(reader, bytes: 0)))
                return;
            if (gap.First > session.AccountedSequence + 1)
                AppendGap(session, new Gap(session.AccountedSequence + 1, gap.First - 1, DropReason.Unspecified));
            AppendGap(session, session.IsLossless ? gap : gap with { First = Math.Max(gap.First, session.AccountedSequence + 1) });
        }

        _appended.Beat();
    }

    /// <summary>A gap without a reason is only where a lossless publisher went ahead: it may still be filled in.</summary>
    private void AppendGap(StreamSession session, Gap gap)
    {
        if (gap.Last > session.AccountedSequence)
            session.Missing += gap.Last - Math.Max(session.AccountedSequence, gap.First - 1);
        session.AccountedSequence = Math.Max(session.AccountedSequence, gap.Last);
        if (session.IsLossless && gap.Reason != DropReason.Unspecified)
            session.Held.Add(new SequenceRun(gap.First, gap.Last));
        _history.Append(new StreamEvent.Missed(session, gap));
    }

    internal void CountRejected(Publication publication)
    {
        lock (_lock)
            publication.Session.Rejected++;
    }

    internal void End(Publication publication, bool complete, DateTimeOffset? since)
    {
        lock (_lock)
        {
            if (publication != _publication)
                return;
            _publication = null;
            _complete = complete;
            _offlineSince = since ?? _time.GetUtcNow();
            _history.Append(new StreamEvent.WentOffline(publication.Session, _offlineSince.Value, complete));
        }

        _appended.Beat();
    }
}
