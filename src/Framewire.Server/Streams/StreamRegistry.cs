using System.Collections.Concurrent;
using Framewire.Protocol.Video;

namespace Framewire.Server.Streams;

/// <summary>
/// Every stream by its name: made at the first Open or by a viewer that waits, forgotten when it was offline for long.
/// One for each server; thread-safe.
/// </summary>
public sealed class StreamRegistry : IDisposable
{
    private static readonly TimeSpan SweepPeriod = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, LiveStream> _streams = new(StringComparer.Ordinal);
    private readonly Lock _adding = new();
    private readonly StreamLimits _limits;
    private readonly TimeProvider _time;
    private readonly ITimer _sweep;

    /// <summary>An empty registry.</summary>
    public StreamRegistry(StreamLimits limits, TimeProvider time)
    {
        _limits = limits;
        _time = time;
        _sweep = time.CreateTimer(_ => Sweep(), null, SweepPeriod, SweepPeriod);
    }

    /// <summary>Raised when a lossless reader was detached from a stream for holding up its publisher.</summary>
    public event Action<LiveStream>? ReaderDetached;

    /// <summary>Raised, before anybody else sees it, with each stream that is made.</summary>
    public event Action<LiveStream>? StreamAdded;

    /// <summary>What is on disk of a session, by the stream's name and the session's. Set once, before the first stream.</summary>
    public Func<string, string, SequenceSet?>? Remember { get; set; }

    /// <summary>Told how long frames take to each level; null if nobody asks. Set once, before the first stream.</summary>
    public LevelTimes? LevelTimes { get; set; }

    /// <summary>Every stream, by name.</summary>
    public IReadOnlyList<LiveStream> All => [.. _streams.Values.OrderBy(s => s.Name, StringComparer.Ordinal)];

    /// <summary>Every stream that has ever had a publisher, by name: what the lists show. One that is only waited for is nobody's business.</summary>
    public IReadOnlyList<LiveStream> Published => [.. All.Where(stream => stream.Status().Session is not null)];

    /// <summary>The stream of that name, if there is one.</summary>
    public LiveStream? Find(string name) => _streams.GetValueOrDefault(name);

    /// <summary>The stream of that name, made if need be.</summary>
    /// <returns>Null if there are as many streams as there may be.</returns>
    public LiveStream? FindOrAdd(StreamName name)
    {
        if (Find(name.Value) is { } found)
            return found;

        lock (_adding)
        {
            if (Find(name.Value) is { } added)
                return added;
            if (_streams.Count >= _limits.MaxStreams)
                Sweep();
            if (_streams.Count >= _limits.MaxStreams)
                return null;

            var stream = new LiveStream(name.Value, _limits, _time, session => Remember?.Invoke(name.Value, session)) { LevelTimes = LevelTimes };
            stream.ReaderDetached += OnReaderDetached;
            StreamAdded?.Invoke(stream);
            return _streams[name.Value] = stream;
        }
    }

    /// <summary>Stops forgetting streams. Calls that use them end by themselves.</summary>
    public void Dispose() => _sweep.Dispose();

    private void OnReaderDetached(LiveStream stream) => ReaderDetached?.Invoke(stream);

    private void Sweep()
    {
        var now = _time.GetUtcNow();
        foreach (var (name, stream) in _streams)
        {
            // Whoever waits for many streams and leaves must not keep publishers out.
            if (stream.TryClose(now - _limits.OfflineRetention, emptyBefore: now - SweepPeriod))
                _streams.TryRemove(KeyValuePair.Create(name, stream));
        }
    }
}
