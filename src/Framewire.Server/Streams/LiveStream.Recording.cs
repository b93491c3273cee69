using Framewire.Protocol.Video;

namespace Framewire.Server.Streams;

/// <summary>Whether a stream's frames go to disk.</summary>
public enum RecordingState
{
    /// <summary>Nobody was asked to record it.</summary>
    None,

    /// <summary>They do.</summary>
    Active,

    /// <summary>They should, and cannot: the disk is full, or gone.</summary>
    Stopped,
}

/// <summary>How far a frame has come. The numbers are those of <c>framewire.v1.AckLevel</c>.</summary>
public enum HeldLevel
{
    /// <summary>In memory, and in the hands of every lossless reader.</summary>
    Received = 1,

    /// <summary>Answered by every processor.</summary>
    Processed = 2,

    /// <summary>On disk, after an fsync.</summary>
    Persisted = 3,
}

/// <summary>Whether a stream's frames go to disk, and why not.</summary>
/// <param name="State">Whether they do.</param>
/// <param name="Error">Why they do not although they should, for people; empty otherwise.</param>
public sealed record RecordingStatus(RecordingState State, string Error = "");

/// <content>What the recorder tells: that it works, that it does not, and what is on disk.</content>
public sealed partial class LiveStream
{
    private RecordingStatus _recording = new(RecordingState.None);

    /// <summary>Told how long frames take to each level; null for a stream of the server's own making. Set when the stream is made.</summary>
    internal LevelTimes? LevelTimes { get; init; }

    /// <summary>Whether the frames go to disk.</summary>
    public RecordingStatus Recording
    {
        get
        {
            lock (_lock)
                return _recording;
        }
    }

    /// <summary>From now on every frame goes to disk.</summary>
    /// <remarks>
    /// Whoever publishes and wants its frames on disk is asked to connect again, if some went by meanwhile: it then sends them again.
    /// </remarks>
    internal void RecordingStarted()
    {
        Publication? publication = null;
        lock (_lock)
        {
            if (_recording.State == RecordingState.Stopped)
                publication = _publication;
            _recording = new(RecordingState.Active);
        }

        publication?.RecordingResumed?.Invoke();
    }

    /// <summary>Frames no longer go to disk; what had not got there may be sent again later.</summary>
    internal void RecordingStopped(string error)
    {
        lock (_lock)
        {
            _recording = new(RecordingState.Stopped, error);
            _session?.HoldOnlyPersisted();
            _publication?.Acks.Stopped();
        }
    }

    /// <summary>Frames of a session are on disk, after an fsync.</summary>
    internal void MarkPersisted(StreamSession session, IReadOnlyList<SequenceRun> runs)
    {
        lock (_lock)
        {
            foreach (var run in runs)
            {
                session.Persisted.Add(run);
                if (session.IsLossless)
                    session.Held.Add(run);
                if (_publication?.Session == session)
                    _publication.Acks.Persisted(run);
            }
        }
    }

    internal void NoMore(Publication publication)
    {
        lock (_lock)
        {
            publication.Acks.NoMore();
            publication.ProcessedAcks?.NoMore();
            if (publication == _publication && publication.ProcessedAcks is not null)
                _history.Append(new StreamEvent.Completing(publication.Session, _board.Added));
        }

        _appended.Beat();
    }

    /// <summary>Every sequence of a session up to this one is on disk, or known to be missing.</summary>
    internal ulong HeldThrough(StreamSession session)
    {
        lock (_lock)
            return session.Persisted.Runs is [{ First: 1 } first, ..] ? first.Last : 0;
    }

    internal ulong PersistedSequence(StreamSession session)
    {
        lock (_lock)
            return session.Persisted.Last ?? 0;
    }

    internal ulong Unpersisted(Publication publication)
    {
        lock (_lock)
            return publication.Acks.Awaited;
    }

    internal ulong ProcessedSequence(StreamSession session)
    {
        lock (_lock)
            return session.Processed.Last ?? 0;
    }

    /// <summary>What of a session need not be sent again by who wants it so far; the first runs of it.</summary>
    internal IReadOnlyList<SequenceRun> Held(StreamSession session, HeldLevel level, int most)
    {
        lock (_lock)
        {
            var held = level switch
            {
                HeldLevel.Persisted => session.Persisted,
                HeldLevel.Processed => session.Processed,
                _ => session.Held,
            };
            return [.. held.Runs.Take(most)];
        }
    }

    internal Task<IReadOnlyList<SequenceRun>> NextPersistedAsync(Publication publication, CancellationToken cancellation) =>
        publication.Acks.NextAsync(_lock, cancellation);
}
