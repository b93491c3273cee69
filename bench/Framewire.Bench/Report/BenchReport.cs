using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Framewire.Bench.Report;

/// <summary>
/// What one bench found: lines and tables of Markdown, printed at once, and the figures behind them. Saved as NAME.json, and between
/// <c>&lt;!-- NAME --&gt;</c> and <c>&lt;!-- end of NAME --&gt;</c> in benchmarks.md. Owned by one bench; one thread.
/// </summary>
internal sealed class BenchReport(string name, string folder)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly StringBuilder _text = new();
    private readonly List<Figure> _figures = [];

    /// <summary>Where the results go: charts too.</summary>
    public string Folder => folder;

    public IReadOnlyList<Figure> Figures => _figures;

    public Figure Add(Figure figure)
    {
        _figures.Add(figure);
        return figure;
    }

    /// <summary>Prints a line of Markdown, and keeps it.</summary>
    public void Line(string text = "")
    {
        Console.WriteLine(text);
        _text.Append(text).Append('\n');
    }

    /// <summary>Prints a row of a table.</summary>
    public void Row(params IEnumerable<string> cells) => Line($"| {string.Join(" | ", cells)} |");

    /// <summary>Prints the first two lines of a table.</summary>
    public void Header(params string[] cells)
    {
        Line();
        Row(cells);
        Row(cells.Select(_ => "---"));
    }

    /// <summary>"1,234 (1,200-1,300)": the median and the spread.</summary>
    public static string Text(Figure figure, string format = "#,##0") => string.Create(
        CultureInfo.InvariantCulture, $"{figure.Median.ToString(format, CultureInfo.InvariantCulture)} ({figure.Min.ToString(format, CultureInfo.InvariantCulture)}-{figure.Max.ToString(format, CultureInfo.InvariantCulture)})");

    /// <summary>Writes NAME.json, and the lines into benchmarks.md where that has a place for them, else into NAME.md.</summary>
    public async Task SaveAsync()
    {
        Directory.CreateDirectory(folder);
        var saved = new { Bench = name, Date = DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), Cores = Environment.ProcessorCount, Figures = _figures };
        await File.WriteAllTextAsync(Path.Combine(folder, $"{name}.json"), JsonSerializer.Serialize(saved, Json) + "\n");
        var document = Path.Combine(folder, "..", "benchmarks.md");
        var (begin, end) = ($"<!-- {name} -->\n", $"<!-- end of {name} -->");
        var whole = File.Exists(document) ? await File.ReadAllTextAsync(document) : "";
        var (from, to) = (whole.IndexOf(begin, StringComparison.Ordinal), whole.IndexOf(end, StringComparison.Ordinal));
        if (from < 0 || to < from)
            await File.WriteAllTextAsync(Path.Combine(folder, $"{name}.md"), _text.ToString());
        else
            await File.WriteAllTextAsync(document, string.Concat(whole.AsSpan(0, from + begin.Length), _text.ToString(), whole.AsSpan(to)));
    }
}
