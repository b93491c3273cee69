namespace Framewire.Server.Recording;

/// <summary>
/// Whether the disk of the recordings takes writes, for whoever may ask as often as he likes: it is tried at most once in an interval, by one at a time, and a
/// disk that does not answer is one that does not take them. One for a server that records; any thread.
/// </summary>
internal sealed class DiskReadiness(RecordingOptions options, TimeProvider time)
{
    /// <summary>How long a disk may take to answer; one on a network that is gone may take for ever.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private Task<bool>? _last;
    private long _triedAt;

    /// <summary>Whether it does, or did within the last interval.</summary>
    public async Task<bool> TakesWritesAsync()
    {
        Task<bool> tried;
        lock (_lock)
        {
            // One that hangs is not tried again beside itself.
            if (_last is null || (_last.IsCompleted && time.GetElapsedTime(_triedAt) >= options.CheckInterval))
                (_last, _triedAt) = (Task.Run(() => DiskProbe.TakesWrites(Path.GetFullPath(options.Directory))), time.GetTimestamp());
            tried = _last;
        }

        try
        {
            return await tried.WaitAsync(Patience, time);
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
