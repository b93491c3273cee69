using System.Globalization;
using Framewire.Protocol.Foxglove;
using Framewire.Protocol.Video;
using Google.Protobuf.WellKnownTypes;

namespace Framewire.Protocol.Log;

/// <summary>
/// What processors found in a frame as <c>foxglove.ImageAnnotations</c>: a box for each detection that has one, its label and score above it.
/// With nothing found it is empty, which takes the boxes of the frame before off the screen. Pure.
/// </summary>
internal static class AnnotationCoding
{
    private const double LineWidth = 2;
    private const double LettersOfHeight = 1.0 / 30;
    private const double LeastLetters = 10;

    private static readonly Color[] Colors =
    [
        new() { R = 0.2, G = 0.9, B = 0.3, A = 1 }, new() { R = 1, G = 0.7, B = 0.1, A = 1 }, new() { R = 0.3, G = 0.7, B = 1, A = 1 },
        new() { R = 1, G = 0.4, B = 0.7, A = 1 }, new() { R = 0.7, G = 0.5, B = 1, A = 1 }, new() { R = 0.9, G = 0.95, B = 0.2, A = 1 },
    ];

    private static readonly Color Black = new() { A = 0.6 };

    /// <summary>To be drawn over pictures of a format.</summary>
    public static ImageAnnotations Of(FrameResults results, StreamFormat format)
    {
        var timestamp = PictureCoding.ToTimestamp(results.CapturedAt);
        var annotations = new ImageAnnotations();
        var color = 0;
        foreach (var result in results.Results)
        {
            var lines = 0;
            foreach (var detection in result.Detections)
            {
                if (detection.Box is { } box)
                    annotations.Points.Add(Box(box, format, Colors[color], timestamp));
                var at = detection.Box is { } above ? Corner(above.X, above.Y, format) : Corner(0, ++lines * LettersOfHeight * 1.2, format);
                annotations.Texts.Add(Text(detection, at, format, Colors[color], timestamp));
            }

            color = (color + 1) % Colors.Length;
        }

        return annotations;
    }

    private static PointsAnnotation Box(Box box, StreamFormat format, Color color, Timestamp timestamp)
    {
        var (right, bottom) = (box.X + (double)box.Width, box.Y + (double)box.Height);
        return new PointsAnnotation
        {
            Timestamp = timestamp,
            Type = PointsAnnotation.Types.Type.LineLoop,
            Points = { Corner(box.X, box.Y, format), Corner(right, box.Y, format), Corner(right, bottom, format), Corner(box.X, bottom, format) },
            OutlineColor = color,
            Thickness = LineWidth,
        };
    }

    private static TextAnnotation Text(Detection detection, Point2 at, StreamFormat format, Color color, Timestamp timestamp) => new()
    {
        Timestamp = timestamp,
        Position = at,
        Text = string.Create(CultureInfo.InvariantCulture, $"{detection.Label} {detection.Score:0.00}"),
        FontSize = Math.Max(LeastLetters, format.Height * LettersOfHeight),
        TextColor = color,
        BackgroundColor = Black,
    };

    private static Point2 Corner(double x, double y, StreamFormat format) => new() { X = x * format.Width, Y = y * format.Height };
}
