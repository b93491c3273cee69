namespace Framewire.Server.Streams;

/// <content>The readers' half: who reads, from where, and who has to wait for whom.</content>
public sealed partial class LiveStream
{
    private int _viewersOfForms;

    /// <summary>How far a viewer may fall behind.</summary>
    internal ReaderLag ViewerLag => new(_limits.ViewerLagFrames, _limits.ViewerLagTime);

    /// <summary>Adds a reader that begins at the newest keyframe, or waits for the first.</summary>
    /// <param name="overflow">What happens when it falls behind.</param>
    /// <param name="lag">How far a lossy reader may fall behind; null for what a viewer may.</param>
    /// <returns>Null if the stream has as many viewers as it may, or has just been forgotten.</returns>
    public Subscription? TrySubscribe(Overflow overflow, ReaderLag? lag = null)
    {
        lock (_lock)
            return Add(overflow, _history.NewestKeyframe >= 0 ? _history.NewestKeyframe : _history.End, lag, replay: false);
    }

    /// <summary>
    /// Adds a reader that is there for as long as the stream is, beginning at the newest keyframe: it takes no viewer's place, and
    /// the stream is forgotten for all that, once this reader has everything.
    /// </summary>
    /// <param name="overflow">What happens when it falls behind.</param>
    /// <param name="lag">How far it may fall behind before it drops.</param>
    /// <param name="patience">How long the publisher waits for it, where it waits; null for as long as for any lossless reader.</param>
    /// <returns>Null if the stream has been forgotten.</returns>
    internal Subscription? TrySubscribeResident(Overflow overflow = Overflow.Wait, ReaderLag lag = default, TimeSpan? patience = null)
    {
        lock (_lock)
        {
            if (_closed)
                return null;
            var position = _history.NewestKeyframe >= 0 ? _history.NewestKeyframe : _history.End;
            var cursor = new SubscriptionCursor(overflow, position, lag) { IsResident = true, Patience = patience };
            if (_session is not null)
                cursor.Follow(_history, _session);
            _readers.Add(cursor);
            return new Subscription(this, cursor);
        }
    }

    /// <summary>Counts a viewer of another form of this stream, and its leaving.</summary>
    internal void CountViewerOfForm(int change) => Interlocked.Add(ref _viewersOfForms, change);

    /// <summary>Adds a reader that begins at a sequence of the newest session, or at the keyframe before it.</summary>
    /// <param name="overflow">What happens when it falls behind.</param>
    /// <param name="sequence">Where to begin; one that has not come yet is waited for.</param>
    /// <param name="subscription">Null if the stream has as many viewers as it may.</param>
    /// <returns>False if that sequence is no longer in memory.</returns>
    public bool TrySubscribeFrom(Overflow overflow, ulong sequence, out Subscription? subscription)
    {
        lock (_lock)
        {
            subscription = null;
            var position = _session is null ? _history.End : _history.KeyframeAtOrBefore(_session, sequence);
            if (position < 0 && sequence > 1)
                return false;
            if (position < 0 && _session is { ReceivedSequence: > 0 })
                return false;
            subscription = Add(overflow, Math.Max(position, _history.First), lag: null, replay: true);
            return true;
        }
    }

    private Subscription? Add(Overflow overflow, long position, ReaderLag? lag, bool replay)
    {
        if (_closed || _readers.Count(reader => !reader.IsResident) >= _limits.MaxViewersPerStream)
            return null;
        var cursor = new SubscriptionCursor(overflow, position, lag ?? ViewerLag, replay)
        {
            IsViewer = overflow == Overflow.DropToKeyframe,
        };
        _readers.Add(cursor);
        return new Subscription(this, cursor);
    }

    internal void Unsubscribe(SubscriptionCursor cursor)
    {
        lock (_lock)
            _readers.Remove(cursor);
        _consumed.Beat();
    }

    internal bool WasDetached(SubscriptionCursor cursor)
    {
        lock (_lock)
            return cursor.Detached || (!_closed && HasLostItsPlace(cursor));
    }

    internal async ValueTask<StreamEvent?> NextAsync(SubscriptionCursor cursor, CancellationToken cancellation)
    {
        while (true)
        {
            var appended = _appended.Next;
            lock (_lock)
            {
                if (cursor.Detached || HasLostItsPlace(cursor))
                    return null;
                if (cursor.TryNext(_history, Uptime) is { } next)
                {
                    if (cursor.Overflow == Overflow.Wait)
                        _consumed.Beat();
                    return next;
                }

                if (_closed)
                    return null;
            }

            await appended.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Waits until every lossless reader has room; one that has none for too long is detached.</summary>
    internal async ValueTask WaitForLosslessReadersAsync(int bytes, CancellationToken cancellation)
    {
        long? since = null;
        while (true)
        {
            var consumed = _consumed.Next;
            TimeSpan patience;
            lock (_lock)
            {
                if (LeastPatience(bytes) is not { } least)
                    return;
                patience = least;
            }

            // For one frame the patience is one, whoever else reads or leaves meanwhile.
            var waited = _time.GetElapsedTime(since ??= _time.GetTimestamp());
            var left = patience - waited;
            try
            {
                await consumed.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, _time, cancellation).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                DetachSlowReaders(bytes, waited + left);
            }
        }
    }

    /// <summary>Whether a frame of so many bytes would put a lossless reader too far behind, or push its next frame out of memory.</summary>
    private bool HoldsUp(SubscriptionCursor reader, int bytes) =>
        reader is { Overflow: Overflow.Wait, Detached: false }
        && reader.Position < _history.End
        && (_history.End - reader.Position >= _limits.LosslessLagFrames || reader.Position < _history.FirstAfterAppending(bytes));

    /// <summary>A publisher that comes and goes leaves notes, which wait for nobody: in the end they push out whatever a reader that hangs was to read.</summary>
    private bool HasLostItsPlace(SubscriptionCursor reader) => reader.Overflow == Overflow.Wait && reader.Position < _history.First;

    /// <summary>How long a frame of so many bytes waits for the least important of the readers that it has to wait for; null if for none.</summary>
    private TimeSpan? LeastPatience(int bytes)
    {
        TimeSpan? least = null;
        foreach (var reader in _readers)
        {
            if (HoldsUp(reader, bytes) && !(PatienceWith(reader) >= least))
                least = PatienceWith(reader);
        }

        return least;
    }

    private TimeSpan PatienceWith(SubscriptionCursor reader) => reader.Patience ?? _limits.LosslessPatience;

    private void DetachSlowReaders(int bytes, TimeSpan waited)
    {
        lock (_lock)
        {
            foreach (var reader in _readers.FindAll(reader => HoldsUp(reader, bytes) && PatienceWith(reader) <= waited))
            {
                reader.Detached = true;
                _readers.Remove(reader);
            }
        }

        _appended.Beat();
        ReaderDetached?.Invoke(this);
    }
}
