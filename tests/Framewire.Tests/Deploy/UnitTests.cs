using System.Globalization;
using System.Text.RegularExpressions;
using Framewire.Tests.Testing;

namespace Framewire.Tests.Deploy;

/// <summary>The systemd units are as closed as they say, and the program they start takes what they give it.</summary>
public sealed partial class UnitTests
{
    [Theory]
    [InlineData("framewire-serve.service", "framewire-serve.service")]
    [InlineData("framewire-publish@.service", "framewire-publish@garden.service")]
    public async Task A_unit_is_hardly_exposed(string shipped, string instance)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/systemd-analyze"), "systemd is not installed.");
        using var folder = new Folder();
        File.Copy(Repository.PathTo("deploy", shipped), folder[instance]);

        var said = await Tool.LinesAsync("systemd-analyze", ["security", "--offline=true", "--no-pager", folder[instance]]);

        var exposure = double.Parse(Exposure().Match(said[^1]).Groups[1].Value, CultureInfo.InvariantCulture);
        TestContext.Current.TestOutputHelper?.WriteLine($"{instance}: {exposure}");
        Assert.InRange(exposure, 0.1, 1.9);
    }

    [Theory]
    [InlineData("framewire-serve.service")]
    [InlineData("framewire-publish@.service")]
    public void A_unit_starts_a_command_that_there_is(string unit)
    {
        var lines = File.ReadAllLines(Repository.PathTo("deploy", unit));
        var start = lines.Single(line => line.StartsWith("ExecStart=/opt/framewire/framewire ", StringComparison.Ordinal))["ExecStart=/opt/framewire/framewire ".Length..];
        var arguments = start.Replace("$FRAMEWIRE_SOURCE", "/dev/video0", StringComparison.Ordinal).Replace("%i", "garden", StringComparison.Ordinal).Split(' ').Where(word => word[0] != '$');

        Assert.Empty(Cli.CommandTree.Build().Parse([.. arguments]).Errors);
    }

    [Fact]
    public void The_server_s_unit_reloads() =>
        Assert.Contains("ExecReload=/bin/kill -HUP $MAINPID", File.ReadAllLines(Repository.PathTo("deploy", "framewire-serve.service")));

    [GeneratedRegex(@": ([0-9]+\.[0-9]+) ")]
    private static partial Regex Exposure();
}
