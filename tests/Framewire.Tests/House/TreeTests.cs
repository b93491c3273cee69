using System.Reflection;
using System.Text.RegularExpressions;
using Framewire.Tests.Testing;

namespace Framewire.Tests.House;

/// <summary>The house rules that a machine can hold: who may name whom, how long a file is, a doc on every type.</summary>
public sealed partial class TreeTests
{
    private const int MaxSourceLines = 300;
    private const int MaxTestLines = 400;
    private const int MaxMethodLines = 60;

    public static IEnumerable<string> SourceFiles => Files("src");

    private static IEnumerable<string> Files(string folder) =>
        Directory.EnumerateFiles(Repository.PathTo(folder), "*.cs", SearchOption.AllDirectories)
            .Where(path => !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);

    private static void Nothing(IEnumerable<string> offences) => Assert.True(!offences.Any(), string.Join('\n', offences));

    private static string Relative(string path) => Path.GetRelativePath(Repository.Root, path);

    /// <summary>Who may not name whom. A room is a folder of src; what it must not name is a namespace.</summary>
    [Theory]
    [InlineData("Framewire.Protocol", "Framewire.Edge", "Framewire.Server", "Framewire.Cli", "Microsoft.AspNetCore")]
    [InlineData("Framewire.Protocol/Media", "Framewire.Protocol.Wire", "Framewire.Protocol.Contracts", "Framewire.Protocol.V1")]
    [InlineData("Framewire.Protocol/Log", "Framewire.Protocol.Wire", "Framewire.Protocol.Media")]
    [InlineData("Framewire.Protocol/Wire", "Framewire.Protocol.Log", "Framewire.Protocol.Media", "Framewire.Protocol.Video", "Framewire.Protocol.Contracts", "Framewire.Protocol.V1")]
    [InlineData("Framewire.Protocol/Video", "Framewire.Protocol.Log", "Framewire.Protocol.Media", "Framewire.Protocol.Wire", "Framewire.Protocol.Contracts", "Framewire.Protocol.V1")]
    [InlineData("Framewire.Edge", "Framewire.Server", "Framewire.Cli", "Microsoft.AspNetCore")]
    [InlineData("Framewire.Edge/Sources", "Framewire.Protocol.Wire", "Framewire.Protocol.Contracts", "Framewire.Protocol.V1", "Framewire.Edge.Links")]
    [InlineData("Framewire.Server", "Framewire.Edge", "Framewire.Cli")]
    [InlineData("Framewire.Edge/Links", "Framewire.Edge.Doctor", "Framewire.Edge.Sources")]
    [InlineData("Framewire.Edge/Doctor", "Framewire.Edge.Sources", "Framewire.Edge.Spooling")]
    [InlineData("Framewire.Edge/Spooling", "Framewire.Protocol.Wire", "Framewire.Protocol.Contracts", "Framewire.Protocol.V1", "Framewire.Edge.Links", "Framewire.Edge.Sources")]
    [InlineData("Framewire.Server/Recording", "Framewire.Server.Telemetry", "Framewire.Server.Processing", "Framewire.Server.Forms", "Framewire.Server.Ingest", "Framewire.Server.Viewing", "Framewire.Server.Wire")]
    [InlineData("Framewire.Server/Streams", "Framewire.Server.Telemetry", "Framewire.Server.Processing", "Framewire.Server.Recording", "Framewire.Server.Forms", "Framewire.Server.Ingest", "Framewire.Server.Viewing", "Framewire.Server.Wire", "Framewire.Server.Access", "Framewire.Protocol.Wire", "Microsoft.AspNetCore")]
    [InlineData("Framewire.Server/Access", "Framewire.Server.Telemetry", "Framewire.Server.Processing", "Framewire.Server.Recording", "Framewire.Server.Forms", "Framewire.Server.Ingest", "Framewire.Server.Viewing", "Framewire.Server.Wire", "Framewire.Server.Streams")]
    [InlineData("Framewire.Server/Discovery", "Framewire.Server.Telemetry", "Framewire.Server.Processing", "Framewire.Server.Recording", "Framewire.Server.Forms", "Framewire.Server.Ingest", "Framewire.Server.Viewing", "Framewire.Server.Wire", "Framewire.Server.Streams", "Framewire.Server.Access", "Microsoft.AspNetCore")]
    [InlineData("Framewire.Server/Forms", "Framewire.Server.Telemetry", "Framewire.Server.Processing", "Framewire.Server.Recording", "Framewire.Server.Ingest", "Framewire.Server.Viewing", "Framewire.Server.Wire", "Framewire.Protocol.Wire", "Microsoft.AspNetCore")]
    [InlineData("Framewire.Server/Ingest", "Framewire.Server.Telemetry", "Framewire.Server.Processing", "Framewire.Server.Recording", "Framewire.Server.Forms", "Framewire.Server.Viewing", "Framewire.Server.Wire", "Microsoft.AspNetCore")]
    [InlineData("Framewire.Server/Viewing", "Framewire.Server.Telemetry", "Framewire.Server.Processing", "Framewire.Server.Recording", "Framewire.Server.Ingest", "Framewire.Server.Wire")]
    [InlineData("Framewire.Server/Processing", "Framewire.Server.Telemetry", "Framewire.Server.Recording", "Framewire.Server.Ingest", "Framewire.Server.Viewing", "Framewire.Server.Wire", "Microsoft.AspNetCore")]
    [InlineData("Framewire.Server/Telemetry", "Framewire.Server.Forms", "Framewire.Server.Ingest", "Framewire.Server.Viewing", "Framewire.Server.Wire")]
    public void A_room_names_only_whom_it_may(string room, params string[] forbidden)
    {
        var offences =
            from path in Files(Path.Combine("src", room))
            let text = File.ReadAllText(path)
            from name in forbidden
            where Regex.IsMatch(text, $@"(?<![\w.]){Regex.Escape(name)}(?![\w])")
            select $"{Relative(path)} names {name}";

        Nothing(offences);
    }

    [Fact]
    public void HttpContext_is_known_to_the_adapter_alone()
    {
        var knowing = SourceFiles.Where(path => File.ReadAllText(path).Contains("HttpContext ", StringComparison.Ordinal)).Select(Relative);

        Assert.All(knowing, path => Assert.StartsWith("src/Framewire.Server/Wire/", path, StringComparison.Ordinal));
    }

    [Fact]
    public void No_file_has_outgrown_one_idea()
    {
        var outgrown = SourceFiles.Select(path => (path, limit: MaxSourceLines)).Concat(Files("tests").Select(path => (path, limit: MaxTestLines)))
            .Select(file => (file.path, file.limit, lines: File.ReadLines(file.path).Count()))
            .Where(file => file.lines > file.limit)
            .Select(file => $"{Relative(file.path)}: {file.lines} lines");

        Nothing(outgrown);
    }

    [Fact]
    public void No_method_has_outgrown_one_idea()
    {
        var offences = from path in SourceFiles from method in LongMethods(path) select $"{Relative(path)}: {method}";

        Nothing(offences);
    }

    /// <summary>Members are indented by four; a body runs from its brace to the brace at the same depth.</summary>
    private static IEnumerable<string> LongMethods(string path)
    {
        var lines = File.ReadAllLines(path);
        for (var i = 1; i < lines.Length; i++)
        {
            if (lines[i] != "    {" || TypeDeclaration().IsMatch(lines[i - 1]))
                continue;
            var end = Array.FindIndex(lines, i, line => line is "    }" or "    };" or "    });");
            if (end - i > MaxMethodLines)
                yield return $"{lines[i - 1].Trim()} has {end - i} lines";
        }
    }

    [Fact]
    public void Every_type_says_what_it_is()
    {
        var silent = SourceFiles.SelectMany(path => Undocumented(path).Select(type => $"{Relative(path)}: {type}"));

        Nothing(silent);
    }

    private static IEnumerable<string> Undocumented(string path)
    {
        var lines = File.ReadAllLines(path);
        for (var i = 0; i < lines.Length; i++)
        {
            if (!TypeDeclaration().IsMatch(lines[i]) || lines[i].Contains("static partial class Log", StringComparison.Ordinal))
                continue;
            var above = i - 1;
            while (above >= 0 && lines[above].TrimStart().StartsWith('['))
                above--;
            if (above < 0 || !lines[above].TrimStart().StartsWith("///", StringComparison.Ordinal))
                yield return lines[i].Trim();
        }
    }

    [Fact]
    public void No_name_says_nothing()
    {
        string[] empty = ["Manager", "Helper", "Util", "Utils", "Data", "Info", "Core", "Common", "Impl"];
        var types = new[] { typeof(Framewire.Protocol.Video.Frame), typeof(Framewire.Edge.Publisher), typeof(Framewire.Server.FramewireServer), typeof(Framewire.Cli.CommandTree) }
            .SelectMany(type => type.Assembly.GetTypes())
            .Where(type => type.GetCustomAttribute<System.Runtime.CompilerServices.CompilerGeneratedAttribute>() is null);

        Assert.DoesNotContain(types, type => empty.Any(word => type.Name.EndsWith(word, StringComparison.Ordinal)));
    }

    [Fact]
    public void No_path_of_a_machine_and_no_unfinished_work()
    {
        var marks = from path in SourceFiles.Concat(Files("tests"))
                    where !path.EndsWith("TreeTests.cs", StringComparison.Ordinal)
                    from line in File.ReadLines(path)
                    where UnfinishedOrLocal().IsMatch(line)
                    select $"{Relative(path)}: {line.Trim()}";

        Nothing(marks);
    }

    [GeneratedRegex(@"^\s*(public|internal|private|file)\s[\w\s]*\b(class|record|struct|interface|enum|delegate)\b")]
    private static partial Regex TypeDeclaration();

    [GeneratedRegex(@"TODO|FIXME|HACK|NotImplementedException|Thread\.Sleep|/work/|/root/|Assert\.True\(true\)")] // names what it forbids
    private static partial Regex UnfinishedOrLocal();
}
