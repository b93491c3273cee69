using System.Text.Json;
using System.Text.RegularExpressions;
using Framewire.Edge.Sources;
using Framewire.Server;
using Framewire.Server.Processing;
using Framewire.Server.Recording;
using Framewire.Server.Streams;
using Framewire.Server.Telemetry;
using Framewire.Tests.Testing;
using Microsoft.Extensions.DependencyInjection;
using DropReason = Framewire.Protocol.Video.DropReason;
using StreamName = Framewire.Protocol.Video.StreamName;

namespace Framewire.Tests.Telemetry;

/// <summary>docs/telemetry.md has every metric as the server has it, and the dashboard and the alerts ask for no other; Prometheus reads both.</summary>
public sealed partial class TelemetryDocumentTests
{
    private static readonly string Document = File.ReadAllText(Repository.PathTo("docs", "telemetry.md"));

    private static readonly string Dashboard = File.ReadAllText(Repository.PathTo("deploy", "grafana", "framewire.json"));

    private static Dictionary<string, string[]> Rows => Row().Matches(Document).ToDictionary(
        row => row.Groups[1].Value, row => row.Groups[2].Value.Split('|').Select(cell => cell.Trim()).ToArray());

    private static Task<FramewireHost> StartAsync(Folder folder) => FramewireHost.StartAsync(new FramewireOptions
    {
        Recording = new RecordingOptions { Streams = "*", Directory = folder.Path },
        Processing = new ProcessingOptions { Processors = "motion" },
    });

    [Fact]
    public async Task The_table_has_every_metric_and_no_other()
    {
        using var folder = new Folder();
        await using var host = await StartAsync(folder);
        var metrics = host.Services.GetRequiredService<MetricsText>().All;

        Assert.Equal(metrics.Keys.Order(StringComparer.Ordinal), Rows.Keys.Order(StringComparer.Ordinal));
        foreach (var (name, metric) in metrics)
        {
            var unit = metric.Unit switch { "s" => "seconds", "By" => "bytes", _ => "" };
            Assert.Equal((MetricsText.TypeOf(metric), unit, metric.Description), (Rows[name][0], Rows[name][2], Rows[name][3]));
        }
    }

    [Fact]
    public async Task The_table_has_the_labels_that_there_are()
    {
        using var folder = new Folder();
        await using var host = await StartAsync(folder);
        await host.PublishAsync(new SourceOptions { Source = "test", Size = new(64, 48), Fast = true }, options => options with { Frames = 5 });
        Assert.True(StreamName.TryParse("other", out var name));
        using var publication = host.Streams.FindOrAdd(name)!.TryPublish(new StreamSession("s1", DateTimeOffset.UnixEpoch, Frames.H264), "peer", "agent")!;
        publication.TakeIn(new PublisherReport(1, 0, 0, new Dictionary<DropReason, ulong> { [DropReason.Late] = 1 }, default, default, default, default));

        var scrape = await Scrape.TakeAsync(host);

        Assert.Equal(Rows.Keys.Order(StringComparer.Ordinal), scrape.Types.Keys.Order(StringComparer.Ordinal));
        Assert.All(Rows, row => Assert.Equal(row.Value[1], string.Join(", ", scrape.LabelsOf(row.Key))));
    }

    [Fact]
    public void The_dashboard_and_the_alerts_ask_for_what_there_is()
    {
        using var dashboard = JsonDocument.Parse(Dashboard);
        var asked = dashboard.RootElement.GetProperty("panels").EnumerateArray()
            .SelectMany(panel => panel.GetProperty("targets").EnumerateArray()).Select(target => target.GetProperty("expr").GetString()!)
            .Append(dashboard.RootElement.GetProperty("templating").GetProperty("list")[1].GetProperty("query").GetString()!)
            .Concat(AlertExpression().Matches(Document).Select(match => match.Groups[1].Value)).ToList();

        Assert.All(asked, query => Assert.NotEmpty(MetricName().Matches(query)));
        var names = asked.SelectMany(query => MetricName().Matches(query)).Select(match => match.Value);
        Assert.All(names, name => Assert.Contains(Histogram().Replace(name, ""), Rows.Keys));
        var labels = asked.SelectMany(query => LabelName().Matches(query)).Select(match => match.Groups[1].Value).Except(["le"]);
        Assert.All(labels, label => Assert.Contains(Rows.Values, row => row[1].Split(", ").Contains(label)));
    }

    [Fact]
    public async Task Prometheus_takes_the_alerts_and_the_dashboards_queries_as_they_stand()
    {
        using var folder = new Folder();
        var rules = Fenced().Matches(Document).Select(match => match.Groups[1].Value).Single(text => text.StartsWith("groups:", StringComparison.Ordinal));
        using var dashboard = JsonDocument.Parse(Dashboard);
        var queries = dashboard.RootElement.GetProperty("panels").EnumerateArray()
            .SelectMany(panel => panel.GetProperty("targets").EnumerateArray()).Select(target => target.GetProperty("expr").GetString()!);
        await File.WriteAllTextAsync(folder["rules.yml"], rules, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            folder["queries.yml"], "groups:\n  - name: dashboard\n    rules:\n" + string.Concat(queries.Select((query, i) => $"      - record: panel:{i}\n        expr: {JsonSerializer.Serialize(query)}\n")),
            TestContext.Current.CancellationToken);

        await Tool.RunAsync("promtool", ["check", "rules", folder["rules.yml"], folder["queries.yml"]]);
    }

    [GeneratedRegex(@"^\| `(framewire_[a-z_]+)` \|(.*)\|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"framewire_[a-z_]+")]
    private static partial Regex MetricName();

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex Histogram();

    [GeneratedRegex(@"[{,]([a-z_]+)(?:=~|!=|=)""")]
    private static partial Regex LabelName();

    [GeneratedRegex(@"^ +expr: (.+)$", RegexOptions.Multiline)]
    private static partial Regex AlertExpression();

    [GeneratedRegex(@"```yaml\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Fenced();
}
