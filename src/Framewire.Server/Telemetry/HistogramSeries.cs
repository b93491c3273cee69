using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Framewire.Server.Telemetry;

/// <summary>One histogram, with a series for each value of its one label. Fed by any thread, for each frame: it allocates nothing but a series' beginning.</summary>
/// <param name="bounds">The buckets' upper bounds, ascending; one without end follows.</param>
internal sealed class HistogramSeries(IReadOnlyList<double> bounds)
{
    private readonly ConcurrentDictionary<string, Series> _series = new(StringComparer.Ordinal);
    private string _label = "";

    /// <summary>Counts one value.</summary>
    public void Count(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags is not [{ Key: var label, Value: string key }])
            throw new ArgumentException("A histogram here has one label, a text.", nameof(tags));
        if (!_series.TryGetValue(key, out var series))
        {
            _label = label;
            series = _series.GetOrAdd(key, new Series(new long[bounds.Count + 1]));
        }

        var bucket = 0;
        while (bucket < bounds.Count && value > bounds[bucket])
            bucket++;
        series.Count(bucket, value);
    }

    /// <summary>Writes every series: each bucket has what is in those below it too.</summary>
    public void WriteTo(StringBuilder text, string name)
    {
        foreach (var (key, series) in _series.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            var (counts, sum) = series.Read();
            var label = $"{_label}=\"{MetricsText.Escaped(key)}\"";
            var count = 0L;
            for (var bucket = 0; bucket < counts.Length; bucket++)
            {
                count += counts[bucket];
                var bound = bucket < bounds.Count ? bounds[bucket].ToString("0.########", CultureInfo.InvariantCulture) : "+Inf";
                text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{label},le=\"{bound}\"}} {count}\n");
            }

            text.Append(CultureInfo.InvariantCulture, $"{name}_sum{{{label}}} {sum:R}\n{name}_count{{{label}}} {count}\n");
        }
    }

    /// <summary>Counts by bucket, and the sum of all. Thread-safe.</summary>
    private sealed class Series(long[] counts)
    {
        private readonly Lock _lock = new();
        private double _sum;

        public void Count(int bucket, double value)
        {
            lock (_lock)
            {
                counts[bucket]++;
                _sum += value;
            }
        }

        public (long[] Counts, double Sum) Read()
        {
            lock (_lock)
                return ([.. counts], _sum);
        }
    }
}
