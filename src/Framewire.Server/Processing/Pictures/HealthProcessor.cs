using System.Globalization;
using Framewire.Protocol.Video;

namespace Framewire.Server.Processing.Pictures;

/// <summary>
/// Says whether a camera sees anything: <c>covered</c>, <c>dark</c>, <c>overexposed</c>, <c>blurred</c> and <c>frozen</c> are classes of the
/// whole picture, told once they have lasted. Looks at grey pictures 320 pixels wide, at most five a second.
/// </summary>
public sealed class HealthProcessor : IFrameProcessor
{
    private const int Width = 320;
    private const double FrameRate = 5;

    /// <summary>What lasts shorter is somebody walking past the lens.</summary>
    private static readonly TimeSpan Lasting = TimeSpan.FromSeconds(1);

    /// <summary>A still scene differs a little at each keyframe, and a sensor has noise.</summary>
    private static readonly TimeSpan Frozen = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, DateTimeOffset> _since = new(StringComparer.Ordinal);
    private byte[] _last = [];

    /// <inheritdoc/>
    public FrameForm Form => new(Codec.Gray, Width, FrameRate: FrameRate);

    /// <inheritdoc/>
    public ValueTask<FrameResult?> ProcessAsync(ProcessorInput input, CancellationToken cancellation)
    {
        var picture = input.Frame.Payload.Span;
        var statistics = PictureStatistics.Of(picture, input.Format.Width);
        var isSame = _last.Length == picture.Length && PictureStatistics.AreAlike(_last, picture, levels: 1);
        _last = picture.ToArray();

        List<Detection> troubles = [];
        foreach (var (label, score) in Judge(statistics, isSame))
        {
            if (score <= 0)
                _since.Remove(label);
            else if (input.Frame.CapturedAt - Since(label, input.Frame.CapturedAt) >= (label == "frozen" ? Frozen : Lasting))
                troubles.Add(new Detection(label, (float)score));
        }

        return new(new FrameResult
        {
            Reply = troubles.Count,
            Detections = troubles,
            Values = new Dictionary<string, string>
            {
                ["brightness"] = Text(statistics.Brightness),
                ["contrast"] = Text(statistics.Contrast),
                ["sharpness"] = Text(statistics.Sharpness),
            },
        });
    }

    /// <summary>How sure it is of each trouble, 0 to 1; 0 for not at all.</summary>
    internal static IEnumerable<(string Label, double Score)> Judge(PictureStatistics picture, bool isSame)
    {
        var isDark = picture.Brightness < 0.08;
        var isFlat = picture.Contrast < 8 && picture.Sharpness < 4;
        yield return ("dark", isDark ? 1 - (picture.Brightness / 0.16) : 0);
        yield return ("overexposed", picture.Brightness > 0.92 ? (picture.Brightness - 0.84) / 0.16 : 0);
        // A hand, a spider's web or spray paint before the lens: light comes through, and nothing to see. Also in the dark.
        yield return ("covered", isFlat ? 1 - (picture.Contrast / 16) : 0);
        yield return ("blurred", !isFlat && !isDark && picture.Sharpness < 3 ? 1 - (picture.Sharpness / 6) : 0);
        yield return ("frozen", isSame ? 1 : 0);
    }

    private DateTimeOffset Since(string label, DateTimeOffset now) => _since.TryGetValue(label, out var since) ? since : _since[label] = now;

    private static string Text(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
