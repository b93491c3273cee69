namespace Framewire.Server.Streams;

/// <summary>Frames and bits a second over the last few whole seconds. Owned by one <see cref="LiveStream"/>; not thread-safe.</summary>
internal sealed class RateMeter
{
    private const int Seconds = 5;
    private readonly (long Second, int Frames, long Bytes)[] _buckets = new (long, int, long)[Seconds + 1];

    /// <summary>Counts one frame at a monotonic time.</summary>
    public void Count(TimeSpan now, int bytes)
    {
        var second = (long)now.TotalSeconds;
        ref var bucket = ref _buckets[second % _buckets.Length];
        if (bucket.Second != second)
            bucket = (second, 0, 0);
        bucket.Frames++;
        bucket.Bytes += bytes;
    }

    /// <summary>The rates over the whole seconds just past; the first second of a stream counts as it stands.</summary>
    public (double FrameRate, double BitRate) Read(TimeSpan now)
    {
        var current = (long)now.TotalSeconds;
        var (frames, bytes, oldest) = (0, 0L, current);
        foreach (var bucket in _buckets)
        {
            if (bucket.Frames == 0 || bucket.Second >= current || bucket.Second < current - Seconds)
                continue;
            frames += bucket.Frames;
            bytes += bucket.Bytes;
            oldest = Math.Min(oldest, bucket.Second);
        }

        var seconds = Math.Max(1, current - oldest);
        return ((double)frames / seconds, bytes * 8.0 / seconds);
    }
}
