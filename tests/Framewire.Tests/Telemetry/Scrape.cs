using System.Globalization;
using System.Text.RegularExpressions;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Telemetry;

/// <summary>What <c>/metrics</c> said, read back. Immutable.</summary>
internal sealed partial class Scrape
{
    private readonly List<(string Series, double Value)> _samples = [];

    private Scrape(string text)
    {
        Text = text;
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (TypeLine().Match(line) is { Success: true } type)
                Types.Add(type.Groups[1].Value, type.Groups[2].Value);
            else if (line[0] != '#')
                _samples.Add((line[..line.LastIndexOf(' ')], double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture)));
        }
    }

    public string Text { get; }

    /// <summary>The type of each metric, by name.</summary>
    public Dictionary<string, string> Types { get; } = new(StringComparer.Ordinal);

    /// <summary>One sample, by its name and labels as they stand; null if there is none.</summary>
    public double? this[string series] => _samples.Where(sample => sample.Series == series).Select(sample => (double?)sample.Value).SingleOrDefault();

    /// <summary>The names of a metric's labels.</summary>
    public IEnumerable<string> LabelsOf(string metric) => _samples.Select(sample => sample.Series)
        .Where(series => MetricOf().Match(series).Groups[1].Value is var name && (name == metric || (Types[metric] == "histogram" && name.StartsWith(metric + "_", StringComparison.Ordinal))))
        .SelectMany(series => Label().Matches(series).Select(match => match.Groups[1].Value)).Where(label => label != "le").Distinct(StringComparer.Ordinal);

    public static Scrape Of(string text) => new(text);

    public static async Task<Scrape> TakeAsync(FramewireHost host, string? token = null)
    {
        using var http = new HttpClient();
        if (token is not null)
            http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        using var response = await http.GetAsync(new Uri(host.Web, "/metrics"), TestContext.Current.CancellationToken);
        response.EnsureSuccessStatusCode();
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        return new Scrape(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [GeneratedRegex(@"^# TYPE (\S+) (\S+)$")]
    private static partial Regex TypeLine();

    [GeneratedRegex(@"^([a-z_]+)")]
    private static partial Regex MetricOf();

    [GeneratedRegex(@"[{,]([a-z_]+)=""")]
    private static partial Regex Label();
}
