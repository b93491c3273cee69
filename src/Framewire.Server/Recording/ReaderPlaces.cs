namespace Framewire.Server.Recording;

/// <summary>How many may read recordings at the same time. One for each server; thread-safe.</summary>
internal sealed class ReaderPlaces(int most)
{
    private int _taken;

    /// <summary>A place, given back when it is disposed; null if all are taken.</summary>
    public IDisposable? TryTake()
    {
        if (Interlocked.Increment(ref _taken) <= most)
            return new Place(this);
        Interlocked.Decrement(ref _taken);
        return null;
    }

    /// <summary>One place.</summary>
    private sealed class Place(ReaderPlaces places) : IDisposable
    {
        private int _given;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _given, 1) == 0)
                Interlocked.Decrement(ref places._taken);
        }
    }
}
