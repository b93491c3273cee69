using Framewire.Edge.Spooling;
using Framewire.Protocol.Video;
using Microsoft.Extensions.Logging;

namespace Framewire.Edge;

/// <summary>
/// A publisher's use of its spool: goes on with the session that an earlier run has left, keeps it flushed, and lists the sessions to
/// send before it. Owned by one <see cref="Publisher"/>, for one run.
/// </summary>
internal sealed partial class PublisherSpool : IDisposable
{
    private readonly PublisherOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SpoolFolder _folder;
    private readonly List<(PublishedSession Session, Spool Spool)> _spools = [];
    private readonly long _openedAt;
    private readonly DateTimeOffset _opened;
    private readonly ITimer _ticks;
    private string? _trouble;

    private PublisherSpool(PublisherOptions options, SpoolFolder folder, TimeProvider time, ILogger logger)
    {
        (_options, _folder, _time, _logger) = (options, folder, time, logger);
        (_openedAt, _opened) = (time.GetTimestamp(), time.GetUtcNow());
        _ticks = time.CreateTimer(_ => Tidy(), null, options.Spool.FlushInterval, options.Spool.FlushInterval);
    }

    /// <summary>Sessions of earlier runs with another format, which must be sent first; the oldest first.</summary>
    public IReadOnlyList<PublishedSession> Earlier { get; private set; } = [];

    /// <summary>A clock that was set must not make everything look old.</summary>
    private DateTimeOffset Monotonic => _opened + _time.GetElapsedTime(_openedAt);

    /// <summary>Opens the spool for a publisher that is about to capture.</summary>
    /// <exception cref="IOException">It cannot be used.</exception>
    public static PublisherSpool Open(PublisherOptions options, PublishedSession captured, TimeProvider time, ILogger logger)
    {
        var folder = SpoolFolder.Take(options.Spool, options.Stream);
        var spool = new PublisherSpool(options, folder, time, logger);
        try
        {
            spool.Begin(captured);
            return spool;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            spool.Dispose();
            throw new IOException($"the spool {Path.Combine(options.Spool.Directory, options.Stream)} cannot be used: {e.Message}", e);
        }
    }

    /// <summary>Closes the files; a session that is complete leaves nothing behind.</summary>
    public void Dispose()
    {
        _ticks.Dispose();
        foreach (var (session, spool) in _spools)
        {
            if (session.Outbox.IsComplete)
                spool.Finish();
            else
                spool.Dispose();
        }

        _folder.Dispose();
    }

    private void Begin(PublishedSession captured)
    {
        var sessions = _folder.Sessions();
        var last = sessions.Count > 0 && sessions[^1].Format == captured.Format ? sessions[^1] : null;
        List<PublishedSession> earlier = [];
        foreach (var session in sessions.Where(session => session != last))
        {
            var published = new PublishedSession(new Outbox(_options, _time, sourceCanWait: true), session.Id, session.StartedAt) { Format = session.Format };
            Use(published, session);
            published.Outbox.CompleteCapture();
            earlier.Add(published);
        }

        Earlier = earlier;
        // Wall clocks go back: a session that follows another is later than it, or the server would not let it take over.
        var now = _time.GetUtcNow();
        if (last is null && sessions.Count > 0 && sessions[^1].StartedAt >= now)
            now = sessions[^1].StartedAt + TimeSpan.FromMilliseconds(1);
        var current = last ?? _folder.Begin(captured.Format!, now);
        (captured.Id, captured.StartedAt) = (current.Id, current.StartedAt);
        var spool = Use(captured, current);
        if (last is not null)
            captured.PtsOffset = GoOnAt(spool, captured);
    }

    private Spool Use(PublishedSession session, SpooledSession spooled)
    {
        var now = Monotonic;
        var recovered = SpoolRecovery.Of(spooled, now);
        foreach (var damage in recovered.Damage)
            Log.Damaged(_logger, damage);
        var spool = new Spool(spooled, _options.Spool, recovered, now)
        {
            FellOut = (runs, why) => FellOut(session, runs, why),
            DiskRefused = DiskRefused,
        };
        session.Outbox.Use(spool);
        lock (_spools)
            _spools.Add((session, spool));
        var waiting = spool.Waiting().Count;
        if (waiting > 0 || spool.LastSequence > 0)
            Log.GoesOn(_logger, session.Id, spool.LastSequence, waiting);
        return spool;
    }

    /// <summary>Behind whatever was captured before, and by the clock if that makes sense.</summary>
    private TimeSpan GoOnAt(Spool spool, PublishedSession session)
    {
        var byClock = _time.GetUtcNow() - session.StartedAt;
        var behind = spool.LastPts + TimeSpan.FromSeconds(1 / (session.Format!.FrameRate > 0 ? session.Format.FrameRate : 30));
        return byClock > behind ? byClock : behind;
    }

    private void FellOut(PublishedSession session, IReadOnlyList<SequenceRun> runs, DropReason why)
    {
        session.Outbox.FellOut(runs, why);
        Log.FellOut(_logger, runs.Sum(run => (long)run.Count), why);
    }

    private void DiskRefused(string? why)
    {
        var before = Interlocked.Exchange(ref _trouble, why);
        if (why is not null && before is null)
            Log.DiskRefused(_logger, why);
        else if (why is null && before is not null)
            Log.DiskTakesAgain(_logger);
    }

    private void Tidy()
    {
        List<Spool> spools;
        lock (_spools)
            spools = [.. _spools.Select(each => each.Spool)];
        foreach (var spool in spools)
            spool.Tidy(Monotonic);
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Session {Session} goes on after frame {Sequence}: {Waiting} frames of it wait in the spool")]
        public static partial void GoesOn(ILogger logger, string session, ulong sequence, ulong waiting);

        [LoggerMessage(LogLevel.Error, "{Frames} frames fell out of the spool ({Why}) and are lost: give it more room (--spool-max), or a faster link")]
        public static partial void FellOut(ILogger logger, long frames, DropReason why);

        [LoggerMessage(LogLevel.Error, "The spool's disk takes no frames: {Why}")]
        public static partial void DiskRefused(ILogger logger, string why);

        [LoggerMessage(LogLevel.Information, "The spool's disk takes frames again")]
        public static partial void DiskTakesAgain(ILogger logger);

        [LoggerMessage(LogLevel.Error, "The spool is damaged: {What}")]
        public static partial void Damaged(ILogger logger, string what);
    }
}
