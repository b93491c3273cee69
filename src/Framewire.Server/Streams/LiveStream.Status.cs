namespace Framewire.Server.Streams;

/// <summary>One stream as the server sees it, at one moment.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Session">The session, of now or of the last time; null before the first.</param>
/// <param name="OfflineSince">Since when there is no publisher; null if there is one.</param>
/// <param name="Complete">Whether the last publisher said that it was done.</param>
/// <param name="Viewers">Viewers now, those of its other forms included.</param>
/// <param name="FrameRate">Frames a second over the last few seconds.</param>
/// <param name="BitRate">Bits a second over the last few seconds.</param>
/// <param name="LastCapturedAt">When the newest frame was captured.</param>
/// <param name="LastReceivedAt">When the newest frame was received.</param>
/// <param name="Peer">Where the publisher connects from.</param>
/// <param name="Agent">The publisher's program.</param>
/// <param name="Recording">Whether its frames go to disk.</param>
/// <param name="Report">What the session's publisher last said of itself; null if it has not.</param>
/// <param name="Processors">Who processes it, by the processor's name.</param>
/// <param name="Counts">What has come in all its sessions.</param>
public sealed record LiveStreamStatus(
    string Name,
    StreamSession? Session,
    DateTimeOffset? OfflineSince,
    bool Complete,
    int Viewers,
    double FrameRate,
    double BitRate,
    DateTimeOffset? LastCapturedAt,
    DateTimeOffset? LastReceivedAt,
    string Peer,
    string Agent,
    RecordingStatus Recording,
    PublisherReport? Report,
    IReadOnlyList<ProcessorState> Processors,
    StreamCounts Counts);

/// <summary>What has come to a stream since it was made, in every session: it never goes back.</summary>
/// <param name="Frames">Frames received.</param>
/// <param name="Bytes">Bytes of their payload.</param>
/// <param name="Duplicates">Copies of frames that were here already.</param>
/// <param name="Rejected">Frames refused.</param>
public readonly record struct StreamCounts(ulong Frames, ulong Bytes, ulong Duplicates, ulong Rejected);

/// <content>What the lists show, and the end of a stream.</content>
public sealed partial class LiveStream
{
    private string _lastPeer = "";
    private string _lastAgent = "";
    private PublisherReport? _report;
    private StreamCounts _before;

    private DateTimeOffset? LastCapturedAt { get; set; }

    private DateTimeOffset? LastReceivedAt { get; set; }

    /// <summary>How the stream is now.</summary>
    public LiveStreamStatus Status()
    {
        var processors = DescribeProcessors?.Invoke(this) ?? [];
        lock (_lock)
        {
            var (frameRate, bitRate) = _rate.Read(Uptime);
            return new(
                Name, _session, _offlineSince, _complete, _readers.Count(reader => reader.IsViewer) + Volatile.Read(ref _viewersOfForms), frameRate, bitRate,
                LastCapturedAt, LastReceivedAt, _lastPeer, _lastAgent, _recording, _report, processors, CountNow());
        }
    }

    /// <summary>Those of earlier sessions and of this one.</summary>
    private StreamCounts CountNow() => _session is not { } now
        ? _before
        : new(_before.Frames + now.Frames, _before.Bytes + now.Bytes, _before.Duplicates + now.Duplicates, _before.Rejected + now.Rejected);

    internal void TakeIn(Publication publication, PublisherReport report)
    {
        lock (_lock)
        {
            if (publication == _publication)
                _report = report;
        }
    }

    /// <summary>Whether the stream has been forgotten.</summary>
    internal bool IsClosed
    {
        get
        {
            lock (_lock)
                return _closed;
        }
    }

    /// <summary>Whether anybody is here who keeps the stream from being forgotten.</summary>
    private bool IsRead => Volatile.Read(ref _viewersOfForms) > 0 || _readers.Exists(reader => !reader.IsResident || reader.Position < _history.End);

    /// <summary>Forgets everything if there was no publisher, and is no reader, since <paramref name="before"/>.</summary>
    /// <param name="before">For a stream that has had a publisher.</param>
    /// <param name="emptyBefore">For one that was only ever waited for: there is nothing to keep.</param>
    /// <returns>Whether the stream is closed now.</returns>
    internal bool TryClose(DateTimeOffset before, DateTimeOffset? emptyBefore = null)
    {
        lock (_lock)
        {
            var limit = _session is null ? emptyBefore ?? before : before;
            if (_offlineSince is not { } since || since > limit || IsRead)
                return false;
            _closed = true;
            _history.Clear();
            _board.Clear();
        }

        _appended.Beat();
        return true;
    }

    /// <summary>Forgets everything, whoever reads: they are told that the stream is gone.</summary>
    internal void Close()
    {
        lock (_lock)
        {
            _closed = true;
            _history.Clear();
            _board.Clear();
        }

        _appended.Beat();
    }
}
