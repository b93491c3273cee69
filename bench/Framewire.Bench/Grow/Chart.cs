using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Framewire.Bench.Grow;

/// <summary>One series of a chart. Immutable.</summary>
/// <param name="Name">In the legend.</param>
/// <param name="Points">From left to right.</param>
/// <param name="OnRight">Whether its heights are on the axis at the right.</param>
/// <param name="IsLine">A line, or else points.</param>
internal sealed record Series(string Name, IReadOnlyList<(double X, double Y)> Points, bool OnRight = false, bool IsLine = false);

/// <summary>A chart, drawn by gnuplot into an SVG. Immutable.</summary>
internal sealed record Chart(string Title, string X, string Left, params IReadOnlyList<Series> Series)
{
    /// <summary>What the axis at the right says; null for no such axis.</summary>
    public string? Right { get; init; }

    /// <summary>Powers of ten on the lower and the left axis.</summary>
    public bool IsLogarithmic { get; init; }

    private static readonly string[] Colors = ["#0b62a4", "#c2410c", "#4d7c0f", "#6d28d9"];

    /// <summary>Draws it.</summary>
    /// <exception cref="IOException">gnuplot is not there, or refused.</exception>
    public async Task DrawAsync(string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        using var gnuplot = Start();
        await gnuplot.StandardInput.WriteAsync(Script(file));
        gnuplot.StandardInput.Close();
        var said = await gnuplot.StandardError.ReadToEndAsync();
        await gnuplot.WaitForExitAsync();
        if (gnuplot.ExitCode != 0 || !File.Exists(file))
            throw new IOException($"gnuplot did not draw {file}: {said.Trim()}");
    }

    private static Process Start()
    {
        try
        {
            return Process.Start(new ProcessStartInfo("gnuplot") { RedirectStandardInput = true, RedirectStandardError = true })!;
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            throw new IOException("gnuplot is not installed: run 'apt-get install gnuplot-nox'.", missing);
        }
    }

    private string Script(string file)
    {
        var script = new StringBuilder();
        script.AppendLine("set terminal svg size 760,420 font 'sans-serif,13' background 'white'");
        script.AppendLine(CultureInfo.InvariantCulture, $"set output '{file}'");
        script.AppendLine(CultureInfo.InvariantCulture, $"set title '{Title}'");
        script.AppendLine(CultureInfo.InvariantCulture, $"set xlabel '{X}'");
        script.AppendLine(CultureInfo.InvariantCulture, $"set ylabel '{Left}'");
        script.AppendLine("set grid linecolor '#dddddd'");
        script.AppendLine("set border 3 linecolor '#555555'");
        script.AppendLine("set tics nomirror");
        script.AppendLine("set key top left");
        script.AppendLine(IsLogarithmic ? "set logscale xy\nset format xy '%.0s%c'" : "set yrange [0:*]");
        if (Right is not null)
            script.AppendLine(CultureInfo.InvariantCulture, $"set y2label '{Right}'\nset y2tics\nset y2range [0:*]\nset border 11");
        script.Append("plot ").AppendJoin(", ", Series.Select(Drawn)).AppendLine();
        foreach (var series in Series)
        {
            foreach (var (x, y) in series.Points)
                script.AppendLine(CultureInfo.InvariantCulture, $"{x} {y}");
            script.AppendLine("e");
        }

        return script.ToString();
    }

    private static string Drawn(Series series, int number)
    {
        var color = Colors[number % Colors.Length];
        var style = series.IsLine ? $"with lines linewidth 2 linecolor '{color}'" : $"with points pointtype 7 pointsize 0.7 linecolor '{color}'";
        return $"'-' axes x1y{(series.OnRight ? 2 : 1)} {style} title '{series.Name}'";
    }
}
