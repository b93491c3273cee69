using System.Collections;
using System.Reflection;
using Framewire.Edge;
using Framewire.Edge.Sources;
using Framewire.Protocol.Wire;
using Framewire.Server;
using Framewire.Tests.Testing;
using Microsoft.Extensions.Configuration;

namespace Framewire.Tests.House;

/// <summary>appsettings.json is the reference of every default: it has each setting, and each with the default that the code has.</summary>
public sealed class SettingsTests
{
    /// <summary>What no file can say: the command line does, or a program that embeds Framewire.</summary>
    private static readonly string[] NotInAFile = ["Publisher:Stream", "Source:Source", "Connection:Time"];

    private static readonly IConfigurationRoot File =
        new ConfigurationBuilder().AddJsonFile(Repository.PathTo("src", "Framewire.Cli", "appsettings.json")).Build();

    private static readonly (string Section, object Defaults)[] Sections =
    [
        ("Server", new FramewireOptions()),
        ("Publisher", new PublisherOptions { Server = new Uri("http://127.0.0.1:50051"), Stream = "cam" }),
        ("Source", new SourceOptions { Source = "test" }),
        ("Connection", new ClientConnectionOptions()),
    ];

    public static TheoryData<string> SectionNames => new(Sections.Select(section => section.Section));

    [Theory]
    [MemberData(nameof(SectionNames))]
    public void Every_setting_is_in_the_file(string section)
    {
        var inFile = Keys(File.GetSection(section)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var inCode = Paths(section, Sections.Single(item => item.Section == section).Defaults.GetType());

        Assert.Empty(inCode.Except(inFile, StringComparer.OrdinalIgnoreCase).Except(NotInAFile, StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(SectionNames))]
    public void The_file_says_what_the_code_does(string section)
    {
        var (_, defaults) = Sections.Single(item => item.Section == section);
        var before = defaults.ToString();

        File.GetSection(section).Bind(defaults, options => options.ErrorOnUnknownConfiguration = true);

        Assert.Equal(before, defaults.ToString());
    }

    [Fact]
    public async Task The_environment_overrides_the_file_and_the_command_line_the_environment()
    {
        var environment = new Dictionary<string, string> { ["FRAMEWIRE_Publisher__WaitForServer"] = "00:00:00.200", ["FRAMEWIRE_Source__Quality"] = "0", ["FRAMEWIRE_Source__Size"] = "64x48" };
        await using var wrong = FramewireProcess.Start(environment, "publish", "test", "--to", "127.0.0.1:1");
        await using var overridden = FramewireProcess.Start(environment, "publish", "test", "--to", "127.0.0.1:1", "--quality", "50");

        var (code, _, errors) = await wrong.EndAsync();

        Assert.Equal(2, code);
        Assert.Contains("quality 0 is out of range", errors, StringComparison.Ordinal);
        Assert.Equal(3, (await overridden.EndAsync()).Code);
    }

    [Fact]
    public async Task An_unknown_setting_is_a_mistake_and_not_silence()
    {
        await using var process = FramewireProcess.Start(new Dictionary<string, string> { ["FRAMEWIRE_Server__Streams__MaxStream"] = "1" }, "serve");

        var (code, _, errors) = await process.EndAsync();

        Assert.Equal(2, code);
        Assert.Contains("MaxStream", errors, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Keys(IConfigurationSection section) =>
        section.GetChildren().SelectMany(child => (string[])[child.Path, .. Keys(child)]);

    private static IEnumerable<string> Paths(string path, Type type)
    {
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite))
        {
            var here = $"{path}:{property.Name}";
            var isGroup = property.PropertyType.Namespace!.StartsWith("Framewire", StringComparison.Ordinal) && property.PropertyType.IsClass
                && !typeof(IEnumerable).IsAssignableFrom(property.PropertyType);
            foreach (var found in isGroup ? Paths(here, property.PropertyType) : [here])
                yield return found;
        }
    }
}
