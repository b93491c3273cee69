using System.Globalization;
using System.Text.RegularExpressions;

namespace Framewire.Edge.Sources.Ffmpeg;

/// <summary>
/// What ffmpeg says of its input on standard error: container, codec and nominal frame rate. Only hints are taken from it, for
/// text inside a file can imitate it. Filled by the child's error loop, read by the source. Thread-safe.
/// </summary>
/// <remarks>
/// <code>
/// [info] Input #0, matroska,webm, from 'walk.mkv':
/// [info]   Stream #0:0: Video: mjpeg (Baseline), yuvj420p(pc), 353x265, 30 fps, 30 tbr, 1k tbn (default)
/// [info] Stream mapping:
/// </code>
/// </remarks>
internal sealed partial class InputReport
{
    private readonly TaskCompletionSource _complete = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>ffmpeg's names of the container, separated by commas; empty if not told.</summary>
    public string Container { get; private set; } = "";

    /// <summary>ffmpeg's name of the video codec; empty if not told.</summary>
    public string Codec { get; private set; } = "";

    /// <summary>Frames a second, 0 if not told.</summary>
    public double FrameRate { get; private set; }

    /// <summary>Ends when all of the report has been read.</summary>
    public Task Complete => _complete.Task;

    /// <summary>Takes one line.</summary>
    public void Observe(string line)
    {
        if (_complete.Task.IsCompleted)
            return;
        if (Container.Length == 0 && InputLine().Match(line) is { Success: true } input)
            Container = input.Groups[1].Value;
        else if (Codec.Length == 0 && !line.Contains("(attached pic)", StringComparison.Ordinal) && VideoLine().Match(line) is { Success: true } video)
        {
            Codec = video.Groups[1].Value;
            FrameRate = RatePart().Match(line) is { Success: true } rate ? ParseRate(rate.Groups[1].Value) : 0;
        }
        else if (line.Contains("Stream mapping:", StringComparison.Ordinal) || line.Contains("Output #0", StringComparison.Ordinal))
            _complete.TrySetResult();
    }

    private static double ParseRate(string text)
    {
        var isThousand = text.EndsWith('k');
        return double.TryParse(text.TrimEnd('k'), CultureInfo.InvariantCulture, out var rate) ? rate * (isThousand ? 1000 : 1) : 0;
    }

    [GeneratedRegex(@"Input #0, (\S+), from ", RegexOptions.CultureInvariant)]
    private static partial Regex InputLine();

    [GeneratedRegex(@"Stream #0:\d+\S*: Video: (\w+)", RegexOptions.CultureInvariant)]
    private static partial Regex VideoLine();

    [GeneratedRegex(@", ([0-9.]+k?) fps", RegexOptions.CultureInvariant)]
    private static partial Regex RatePart();
}
