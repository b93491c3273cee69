using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Framewire.Server.Telemetry;

/// <summary>
/// Listens to one meter and writes what it measures as text for Prometheus. Observable instruments are asked when somebody does; histograms are counted here as
/// they are fed, and other instruments are left alone. One for a server; any thread, one collection at a time.
/// </summary>
/// <remarks>
/// The text format, version 0.0.4, https://prometheus.io/docs/instrumenting/exposition_formats:
/// <code>
///   # HELP framewire_stream_frames_total Frames that came …
///   # TYPE framewire_stream_frames_total counter
///   framewire_stream_frames_total{stream="garden",outcome="received"} 812
/// </code>
/// Names are what OpenTelemetry's rules make of an instrument's: dots become underscores, the unit and <c>_total</c> follow.
/// </remarks>
internal sealed class MetricsText : IDisposable
{
    /// <summary>What the answer is.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly Lock _collecting = new();
    private readonly SortedDictionary<string, (Instrument Of, HistogramSeries? Fed, StringBuilder Samples)> _metrics = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();

    public MetricsText(Meter meter)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter == meter && (instrument.IsObservable || instrument is Histogram<double>))
                Begin(instrument, listener);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, state) =>
        {
            if (state is HistogramSeries series)
                series.Count(value, tags);
            else
                Take(instrument, value, tags);
        });
        _listener.Start();
    }

    /// <summary>Every metric there can be, by its name in Prometheus, whether or not it has a value now.</summary>
    public IReadOnlyDictionary<string, Instrument> All
    {
        get
        {
            lock (_collecting)
                return _metrics.ToDictionary(entry => entry.Key, entry => entry.Value.Of);
        }
    }

    /// <summary>Everything as it is now.</summary>
    public string Collect()
    {
        lock (_collecting)
        {
            foreach (var (_, _, samples) in _metrics.Values)
                samples.Clear();
            _listener.RecordObservableInstruments();
            var text = new StringBuilder();
            foreach (var (name, (instrument, fed, samples)) in _metrics)
            {
                fed?.WriteTo(samples, name);
                if (samples.Length == 0)
                    continue;
                text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {instrument.Description?.Replace("\\", "\\\\", StringComparison.Ordinal).ReplaceLineEndings("\\n")}\n");
                text.Append(CultureInfo.InvariantCulture, $"# TYPE {name} {TypeOf(instrument)}\n").Append(samples);
            }

            return text.ToString();
        }
    }

    public void Dispose() => _listener.Dispose();

    /// <summary>An instrument's name in Prometheus.</summary>
    internal static string NameOf(Instrument instrument)
    {
        var unit = instrument.Unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" };
        return instrument.Name.Replace('.', '_') + unit + (TypeOf(instrument) == "counter" ? "_total" : "");
    }

    /// <summary>An instrument's type in Prometheus.</summary>
    internal static string TypeOf(Instrument instrument) => instrument switch
    {
        ObservableCounter<long> or ObservableCounter<double> => "counter",
        Histogram<double> => "histogram",
        _ => "gauge",
    };

    /// <summary>A label's value, within its quotes.</summary>
    internal static string Escaped(string value) =>
        value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private void Begin(Instrument instrument, MeterListener listener)
    {
        var fed = instrument is Histogram<double> histogram ? new HistogramSeries(histogram.Advice?.HistogramBucketBoundaries ?? []) : null;
        lock (_collecting)
            _metrics.Add(NameOf(instrument), (instrument, fed, new StringBuilder()));
        listener.EnableMeasurementEvents(instrument, fed);
    }

    /// <summary>Called within <see cref="Collect"/> only.</summary>
    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var name = NameOf(instrument);
        var samples = _metrics[name].Samples.Append(name);
        for (var i = 0; i < tags.Length; i++)
            samples.Append(i == 0 ? '{' : ',').Append(tags[i].Key).Append("=\"").Append(Escaped(tags[i].Value?.ToString() ?? "")).Append('"');
        samples.Append(tags.Length > 0 ? "} " : " ").Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
    }
}
