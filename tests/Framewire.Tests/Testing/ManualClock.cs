namespace Framewire.Tests.Testing;

/// <summary>A clock that stands still until a test moves it; its timers fire then, on the mover's thread. Thread-safe.</summary>
internal sealed class ManualClock : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<ManualTimer> _timers = [];
    private TimeSpan _now;
    private TaskCompletionSource _timerSet = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>How often a timer was set.</summary>
    public int TimersSet { get; private set; }

    public static readonly DateTimeOffset Start = new(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp()
    {
        lock (_lock)
            return _now.Ticks;
    }

    public override DateTimeOffset GetUtcNow() => Start + TimeSpan.FromTicks(GetTimestamp());

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the clock and fires what is due, a periodic timer once.</summary>
    public void Advance(TimeSpan by)
    {
        List<ManualTimer> due;
        lock (_lock)
        {
            _now += by;
            due = [.. _timers.Where(timer => timer.Due <= _now)];
            due.ForEach(timer => timer.Reschedule());
        }
        foreach (var timer in due)
            timer.Fire();
    }

    /// <summary>Waits until something waits for this clock.</summary>
    public async Task WaitForTimerAsync(TimeSpan patience)
    {
        while (true)
        {
            Task timerSet;
            lock (_lock)
            {
                if (_timers.Count > 0)
                    return;
                _timerSet = new(TaskCreationOptions.RunContinuationsAsynchronously);
                timerSet = _timerSet.Task;
            }
            await timerSet.WaitAsync(patience);
        }
    }

    /// <summary>A timer that fires at its time, and then each period if it has one. Owned by whoever created it.</summary>
    private sealed class ManualTimer(ManualClock clock, Action fire) : ITimer
    {
        private TimeSpan _period;

        public TimeSpan Due { get; private set; }

        public void Fire() => fire();

        public void Reschedule()
        {
            if (_period > TimeSpan.Zero)
                Due = clock._now + _period;
            else
                clock._timers.Remove(this);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._lock)
            {
                clock._timers.Remove(this);
                (Due, _period) = (clock._now + dueTime, period);
                if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    clock._timers.Add(this);
                    clock.TimersSet++;
                    clock._timerSet.TrySetResult();
                }
            }
            return true;
        }

        public void Dispose()
        {
            lock (clock._lock)
                clock._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
