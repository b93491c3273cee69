using Framewire.Protocol.Video;

namespace Framewire.Server.Processing;

/// <summary>Does the work of one instance of a processor. Thread-safe.</summary>
internal interface IFrameWorker
{
    /// <summary>Gives it a frame; calls are in the order of the frames, and never more at once than its credit.</summary>
    /// <returns>What it made of the frame; null for nothing.</returns>
    /// <exception cref="WorkerGoneException">It left before it had answered.</exception>
    Task<FrameResult?> ProcessAsync(ProcessorInput input);
}

/// <summary>An instance left before it had answered.</summary>
internal sealed class WorkerGoneException(string reason) : Exception(reason);

/// <summary>The right to give one frame to a worker; disposing gives the credit back.</summary>
internal readonly record struct WorkLease(IFrameWorker Worker, Action Return) : IDisposable
{
    public void Dispose() => Return();
}

/// <summary>The instances of one processor and how much each can hold. Whoever waits first gets the next that is free. Thread-safe.</summary>
internal sealed class WorkerPool
{
    private readonly Lock _lock = new();
    private readonly List<Place> _places = [];
    private readonly LinkedList<Waiter> _waiters = new();

    /// <summary>What is disposed when the one stream that the instances are for is forgotten; null if they are shared.</summary>
    public object? Owned { get; init; }

    /// <summary>How many there are.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _places.Count;
        }
    }

    /// <summary>Adds an instance.</summary>
    public void Add(IFrameWorker worker, int credit)
    {
        lock (_lock)
        {
            _places.Add(new Place(worker) { Free = credit });
            Serve();
        }
    }

    /// <summary>Takes an instance out.</summary>
    /// <returns>How many are left.</returns>
    public int Remove(IFrameWorker worker)
    {
        lock (_lock)
        {
            _places.RemoveAll(place => place.Worker == worker);
            if (_places.Count == 0)
            {
                foreach (var waiter in _waiters.Where(waiter => !waiter.WaitsForMore))
                    waiter.Lease.TrySetResult(null);
            }

            return _places.Count;
        }
    }

    /// <summary>Waits for an instance that can take a frame.</summary>
    /// <param name="waitsForMore">Whether to wait even while there is no instance at all.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <param name="isAgain">Whether an instance left with the frame: it goes before those that nobody has had yet.</param>
    /// <returns>Null if there is no instance.</returns>
    public async ValueTask<WorkLease?> AcquireAsync(bool waitsForMore, CancellationToken cancellation, bool isAgain = false)
    {
        var waiter = new Waiter(waitsForMore, isAgain);
        lock (_lock)
        {
            if (_places.Count == 0 && !waitsForMore)
                return null;
            if (_waiters.Count == 0 && TakeFree() is { } free)
                return free;
            Add(waiter);
        }

        await using var registration = cancellation.Register(() => waiter.Lease.TrySetCanceled(cancellation));
        try
        {
            return await waiter.Lease.Task;
        }
        finally
        {
            lock (_lock)
                _waiters.Remove(waiter);
        }
    }

    /// <summary>Disposes what the one stream's instances own, once none of them works.</summary>
    public async ValueTask DisposeOwnedAsync()
    {
        if (Owned is null)
            return;
        using var last = await AcquireAsync(waitsForMore: false, CancellationToken.None);
        if (Owned is IAsyncDisposable asynchronous)
            await asynchronous.DisposeAsync();
        else
            (Owned as IDisposable)?.Dispose();
    }

    private void Add(Waiter waiter)
    {
        var next = _waiters.First;
        while (next is not null && (!waiter.IsAgain || next.Value.IsAgain))
            next = next.Next;
        if (next is null)
            _waiters.AddLast(waiter);
        else
            _waiters.AddBefore(next, waiter);
    }

    /// <summary>The one with the most room.</summary>
    private WorkLease? TakeFree()
    {
        if (_places.MaxBy(place => place.Free) is not { Free: > 0 } place)
            return null;
        place.Free--;
        return new WorkLease(place.Worker, () => Return(place));
    }

    private void Return(Place place)
    {
        lock (_lock)
        {
            place.Free++;
            Serve();
        }
    }

    private void Serve()
    {
        for (var next = _waiters.First; next is not null; next = next.Next)
        {
            if (next.Value.Lease.Task.IsCompleted)
                continue;
            if (TakeFree() is not { } lease)
                return;
            if (!next.Value.Lease.TrySetResult(lease))
                _places.First(place => place.Worker == lease.Worker).Free++;
        }
    }

    /// <summary>One instance and its room.</summary>
    private sealed class Place(IFrameWorker worker)
    {
        public IFrameWorker Worker => worker;

        public int Free { get; set; }
    }

    /// <summary>A frame that waits for an instance.</summary>
    private sealed class Waiter(bool waitsForMore, bool isAgain)
    {
        public bool WaitsForMore => waitsForMore;

        public bool IsAgain => isAgain;

        public TaskCompletionSource<WorkLease?> Lease { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
