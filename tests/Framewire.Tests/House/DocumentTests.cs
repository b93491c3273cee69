using System.CommandLine;
using System.CommandLine.Help;
using System.Text.RegularExpressions;
using Framewire.Cli;
using Framewire.Tests.Testing;

namespace Framewire.Tests.House;

/// <summary>The README, the help and the tree tell the truth.</summary>
public sealed partial class DocumentTests
{
    private static readonly string Readme = File.ReadAllText(Repository.PathTo("README.md"));

    /// <summary>Every command that does something, and what it is called in full.</summary>
    private static IEnumerable<(string Name, Command Command)> Commands => Leaves("", CommandTree.Build());

    private static IEnumerable<(string Name, Command Command)> Leaves(string name, Command command) => command.Subcommands.SelectMany(child =>
        child.Subcommands.Count > 0 ? Leaves($"{name}{child.Name} ", child) : [($"{name}{child.Name}", child)]);

    [Fact]
    public void The_README_names_every_command_with_every_option_and_no_other()
    {
        foreach (var (name, command) in Commands)
        {
            var row = Assert.Single(Readme.Split('\n'), line => line.StartsWith($"| `framewire {name} ", StringComparison.Ordinal));
            var named = OptionName().Matches(row).Select(match => match.Value).Order(StringComparer.Ordinal);
            var real = command.Options.Where(option => option is not HelpOption).Select(option => option.Name).Order(StringComparer.Ordinal);

            Assert.Equal(real, named);
        }
    }

    public static TheoryData<string> Documents => new("README.md", "docs/operations.md", "docs/deployment.md", "docs/protocol.md", "docs/telemetry.md", "docs/acks.md", "docs/recording-format.md", "CONTRIBUTING.md");

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_command_line_in_the_documents_can_be_used(string document)
    {
        var text = File.ReadAllText(Repository.PathTo(document));
        foreach (Match line in CommandLine().Matches(text))
        {
            var parsed = CommandTree.Build().Parse(line.Groups[1].Value);
            Assert.True(parsed.Errors.Count == 0, $"{document}: {line.Value}: {string.Join(' ', parsed.Errors)}");
        }
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_link_leads_somewhere(string document)
    {
        var folder = Path.GetDirectoryName(Repository.PathTo(document))!;
        var broken = Link().Matches(File.ReadAllText(Repository.PathTo(document))).Select(match => match.Groups[1].Value)
            .Where(target => !target.Contains("://", StringComparison.Ordinal) && !Path.Exists(Path.Combine(folder, target)));

        Assert.Empty(broken);
    }

    [Fact]
    public void The_examples_in_the_help_can_be_used()
    {
        foreach (var command in (IEnumerable<Command>)[.. Commands.Select(leaf => leaf.Command), CommandTree.Build()])
        {
            var examples = HelpExample().Matches(CommandTree.ExamplesOf(command));
            Assert.NotEmpty(examples);
            foreach (Match line in examples)
                Assert.Empty(CommandTree.Build().Parse(line.Groups[1].Value).Errors);
        }
    }

    [Fact]
    public void The_README_has_every_exit_code()
    {
        foreach (var field in typeof(ExitCode).GetFields())
            Assert.Contains($"\n| {field.GetRawConstantValue()} | ", Readme, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_folder_of_the_tree_is_in_the_picture_of_it()
    {
        var picture = File.ReadAllText(Repository.PathTo("ARCHITECTURE.md"));
        foreach (var project in Directory.GetDirectories(Repository.PathTo("src")))
        {
            Assert.Contains(Path.GetFileName(project), picture, StringComparison.Ordinal);
            foreach (var room in Directory.GetDirectories(project).Select(Path.GetFileName).Where(name => name is not ("bin" or "obj")))
                Assert.Contains($"{room}/", picture, StringComparison.Ordinal);
        }
    }

    [GeneratedRegex(@"--[a-z-]+")]
    private static partial Regex OptionName();

    [GeneratedRegex(@"^(?:\w+=\S+ )?\./framewire ([^|#>\n]+)", RegexOptions.Multiline)]
    private static partial Regex CommandLine();

    [GeneratedRegex(@"\]\(([^)#]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^ *framewire ((?:serve|publish|watch|streams|recordings|token|doctor)[^|>\n]*?)(?:  .*| [|>].*)?$", RegexOptions.Multiline)]
    private static partial Regex HelpExample();
}
