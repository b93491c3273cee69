using Framewire.Protocol.Log;
using Framewire.Protocol.Video;
using Framewire.Server.Streams;
using Microsoft.Extensions.Logging;

namespace Framewire.Server.Recording;

/// <summary>
/// Puts every frame of one stream on disk: takes them in as a lossless reader, writes them in batches, and tells the stream what is safe.
/// When the disk fails it says so, lets the stream go on without it, and begins again when the disk is well. Owned by <see cref="Recorders"/>;
/// one loop.
/// </summary>
internal sealed partial class StreamRecorder(LiveStream stream, RecordingStore store, RecordingOptions options, TimeProvider time, ILogger logger)
{
    private readonly RecordingBatch _batch = new();
    private readonly SegmentLane _live = new(store, options, time);
    private readonly SegmentLane _late = new(store, options, time);
    private readonly List<SegmentRow> _torn = [];
    private StreamSession? _session;
    private long _nextResults;
    private bool _wentOffline;
    private bool _isComplete;
    private bool _hasPaused;

    /// <summary>Records until the stream is gone, or <paramref name="cancellation"/>; then everything is safe and closed.</summary>
    public async Task RunAsync(Subscription first, CancellationToken cancellation)
    {
        var subscription = first;
        while (true)
        {
            try
            {
                using (subscription)
                    await RecordAsync(subscription, cancellation);
                return;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Fail(e.Message);
            }

            if (await WaitForDiskAsync(cancellation) is not { } again)
                return;
            subscription = again;
        }
    }

    private async Task RecordAsync(Subscription subscription, CancellationToken cancellation)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task<StreamEvent?>? next = null;
        var isOver = false;
        try
        {
            while (!isOver)
            {
                next ??= subscription.NextAsync(over.Token).AsTask();
                var results = stream.NextResults;
                TakeInResults();
                var wait = !_batch.IsEmpty ? _batch.TimeLeft(options.FlushInterval, time) : _isComplete ? options.FlushInterval : options.CheckInterval;
                if (!next.IsCompleted && wait > TimeSpan.Zero)
                    await Task.WhenAny([next, Task.Delay(wait, time, cancellation), .. results is null ? Array.Empty<Task>() : [results]]);
                if (next.IsCompleted)
                {
                    var entry = await Ended(next);
                    next = null;
                    isOver = entry is null;
                    TakeIn(entry);
                }

                if (isOver || _wentOffline || _isComplete || _batch.Bytes >= options.FlushBytes || _batch.TimeLeft(options.FlushInterval, time) <= TimeSpan.Zero)
                    await Task.Run(Commit, CancellationToken.None);
                if (isOver || _live.IsOverdue || _late.IsOverdue)
                    await Task.Run(() => CloseWhatIsDue(isOver), CancellationToken.None);
            }

            ThrowIfDetached(subscription, cancellation);
        }
        finally
        {
            await over.CancelAsync();
            if (next is not null && await Ended(next) is StreamEvent.Arrived { Frame: var frame })
                frame.Release();
        }
    }

    /// <summary>The stream was too long without a word from here: the disk is slow, and the frames that came meanwhile are missing.</summary>
    private static void ThrowIfDetached(Subscription subscription, CancellationToken cancellation)
    {
        if (!cancellation.IsCancellationRequested && subscription.WasDetached)
            throw new IOException("the disk is too slow: it held the stream up for longer than Streams:LosslessPatience.");
    }

    private static async Task<StreamEvent?> Ended(Task<StreamEvent?> next)
    {
        try
        {
            return await next;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private void TakeIn(StreamEvent? entry)
    {
        switch (entry)
        {
            case StreamEvent.Arrived arrived:
                TakeIn(arrived);
                break;
            case StreamEvent.Missed missed when missed.Gap.Reason != DropReason.Unspecified || !missed.Session.IsLossless:
                if (missed.Session != _session)
                    Begin(missed.Session);
                _batch.Add(new LogEntry.Missing(new LogGap(missed.Gap, default, default)), missed.Session, isLate: false, time);
                break;
            case StreamEvent.WentOffline:
                _wentOffline = true;
                break;
        }
    }

    /// <summary>What became complete and says something: that nobody looked at a frame is nothing to keep.</summary>
    private void TakeInResults()
    {
        if (_session is null)
            return;
        foreach (var results in stream.TakeResults(ref _nextResults).Where(frame => frame.Results.Any(result => result.State != ResultState.Skipped)))
            _batch.Add(results, time);
    }

    private void TakeIn(StreamEvent.Arrived arrived)
    {
        _isComplete = false;
        if (arrived.Session != _session)
            Begin(arrived.Session);
        if (_batch.HasWritten(arrived.Frame.Sequence))
        {
            // From before a pause: it begins again at a keyframe.
            arrived.Frame.Release();
            return;
        }

        if (_hasPaused && !arrived.IsBackfill)
            NoteThePause(arrived);
        _batch.Add(new LogEntry.Picture(arrived.Frame), arrived.Session, arrived.IsBackfill, time);
    }

    private void Begin(StreamSession session)
    {
        if (_session is not null)
            Commit();
        _session = session;
        _batch.Begin(session.Id, stream.Held(session, HeldLevel.Persisted, int.MaxValue));
    }

    /// <summary>What came while nothing could be written is missing for good, unless its publisher keeps it until it is safe.</summary>
    private void NoteThePause(StreamEvent.Arrived arrived)
    {
        _hasPaused = false;
        if (!arrived.Session.IsKeptUntilPersisted && _batch.LastSequence is > 0 and var last && last + 1 < arrived.Frame.Sequence)
        {
            var gap = new Gap(last + 1, arrived.Frame.Sequence - 1, DropReason.NotRecorded);
            _batch.Add(new LogEntry.Missing(new LogGap(gap, default, default)), arrived.Session, isLate: false, time);
        }
    }

    /// <summary>Writes what has come together, frames and results, waits until it is safe, and says so.</summary>
    private void Commit()
    {
        var hasPending = stream.HasPendingResults; // asked first: what is answered from here on is taken the next time
        TakeInResults();
        if (!_batch.IsEmpty && _session is { } session)
            Write(session);
        if (_wentOffline)
        {
            _wentOffline = false;
            _live.Break();
            _isComplete = stream.Status().Complete;
        }

        if (!_isComplete || hasPending)
            return;
        _isComplete = false;
        CloseWhatIsDue(isOver: true);
    }

    private void Write(StreamSession session)
    {
        var header = new SegmentHeader(stream.Name, session.Id, session.StartedAt, session.Format, stream.HeldThrough(session));
        _batch.WriteTo(_live, _late, header);
        CrashPoints.Reach("recorder-before-ack");
        stream.MarkPersisted(session, _batch.Runs);
        CrashPoints.Reach("recorder-after-ack");
        if (stream.LevelTimes is { } times)
            _batch.Tell(times, time);
        _batch.Clear();
    }

    private void CloseWhatIsDue(bool isOver)
    {
        // A file that is only being written still may end in the middle of a group of pictures, as long as frames come.
        // And the last results belong beside their frames.
        if (isOver || (_live.IsOverdue && time.GetUtcNow() - _live.LastCapturedAt > options.CheckInterval && !stream.HasPendingResults))
            _live.Close();
        if (isOver || _late.IsOverdue)
            _late.Close();
    }

    private void Fail(string why)
    {
        Log.Stopped(logger, stream.Name, why);
        _batch.Forget();
        _torn.AddRange(new[] { _live.Abandon(), _late.Abandon() }.OfType<SegmentRow>());
        _hasPaused = true;
        stream.RecordingStopped(why);
    }

    private async Task<Subscription?> WaitForDiskAsync(CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                await Task.Delay(options.CheckInterval, time, cancellation);
                if (!await Task.Run(TryMend, CancellationToken.None))
                    continue;
                if (stream.TrySubscribeResident() is not { } subscription)
                    return null;
                stream.RecordingStarted();
                Log.GoesOn(logger, stream.Name);
                return subscription;
            }
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>Whether the disk takes writes again; then what was torn is closed in order, and what is in it counts as safe.</summary>
    private bool TryMend()
    {
        if (!DiskProbe.TakesWrites(store.Folder.Root))
            return false;
        try
        {
            foreach (var row in _torn)
            {
                if (store.Recover(row) is { } summary && _session is { } session && session.Id == summary.Header.Session)
                    stream.MarkPersisted(session, summary.Runs);
            }

            _torn.Clear();
            if (_session is { } current)
                _batch.Begin(current.Id, stream.Held(current, HeldLevel.Persisted, int.MaxValue));
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "Stream {Stream} is NOT recorded any more: {Why}. Live goes on; recording does too as soon as the disk takes it")]
        public static partial void Stopped(ILogger logger, string stream, string why);

        [LoggerMessage(LogLevel.Information, "Stream {Stream} is recorded again")]
        public static partial void GoesOn(ILogger logger, string stream);
    }
}
