namespace Framewire.Bench.Grow;

/// <summary>The straight line that comes closest to points, each distance as a part of the point's own height. Immutable.</summary>
/// <param name="Start">Its height at 0.</param>
/// <param name="Slope">By how much it climbs for each unit.</param>
internal sealed record StraightLine(double Start, double Slope)
{
    /// <summary>Weighted least squares: a point of height y weighs 1 / y².</summary>
    public static StraightLine Through(IReadOnlyList<(double X, double Y)> points)
    {
        double weight = 0, x = 0, y = 0, xx = 0, xy = 0;
        foreach (var point in points)
        {
            var w = 1 / (point.Y * point.Y);
            weight += w;
            x += w * point.X;
            y += w * point.Y;
            xx += w * point.X * point.X;
            xy += w * point.X * point.Y;
        }

        // A single point has no slope.
        var slope = points.Count < 2 ? 0 : ((weight * xy) - (x * y)) / ((weight * xx) - (x * x));
        return new StraightLine((y - (slope * x)) / weight, slope);
    }

    /// <summary>Its height.</summary>
    public double At(double x) => Start + (Slope * x);

    /// <summary>The point that is furthest from the line, and by which part of the line's height there.</summary>
    public (double X, double Part) Furthest(IEnumerable<(double X, double Y)> points) =>
        points.Select(point => (point.X, Part: (point.Y - At(point.X)) / At(point.X))).MaxBy(each => Math.Abs(each.Part));
}
