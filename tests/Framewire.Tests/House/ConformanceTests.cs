using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;

namespace Framewire.Tests.House;

/// <summary>The checklist made of PROTOCOL-HTTP2.md has 38 points, and each has a test that says its number.</summary>
public sealed partial class ConformanceTests
{
    private const int Points = 38;

    [Fact]
    public void Every_point_of_the_protocol_has_a_test_with_its_number()
    {
        var tested = typeof(ConformanceTests).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods())
            .Where(method => method.GetCustomAttributes<FactAttribute>().Any())
            .Select(method => PointNumber().Match(method.Name))
            .Where(match => match.Success)
            .Select(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))
            .Distinct()
            .Order();
        Assert.Equal(Enumerable.Range(1, Points), tested);
    }

    [GeneratedRegex(@"^Point_(\d\d)_")]
    private static partial Regex PointNumber();
}
