using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Framewire.Cli.Recordings;
using Framewire.Cli.Tokens;

namespace Framewire.Cli;

/// <summary>The commands of the program, put together.</summary>
internal static class CommandTree
{
    private const string RootExamples = """
        framewire serve                                     take frames in on 127.0.0.1:50051
        framewire publish test                              publish the built-in moving pattern
        framewire publish /dev/video0 --to https://vm:50051  publish a camera to another machine
        framewire watch test -o - | ffplay -                see a stream
        framewire streams                                   list the streams
        framewire serve --record                            and keep them on disk
        framewire doctor https://vm:50051                   what stands between here and a server
        framewire recordings export test -o test.mp4        what was kept, as a video file
        """;

    private const string AfterHelp = """
        Exit codes: 0 done, 1 failed, 2 wrong usage, 3 server never found.
        Every setting is also in appsettings.json and in the environment (Publisher:AgeLimit is FRAMEWIRE_Publisher__AgeLimit).
        """;

    public static RootCommand Build()
    {
        var root = new RootCommand("Live video frames from where a camera is to where the code is, over plain gRPC, every frame acknowledged.")
        {
            ServeCommand.Build(),
            PublishCommand.Build(),
            WatchCommand.Build(),
            StreamsCommand.Build(),
            RecordingsCommand.Build(),
            TokenCommand.Build(),
            DoctorCommand.Build(),
        };
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
        return root;
    }

    /// <summary>The examples of a command.</summary>
    public static string ExamplesOf(Command command) => command.Name switch
    {
        "serve" => ServeCommand.Examples,
        "publish" => PublishCommand.Examples,
        "watch" => WatchCommand.Examples,
        "streams" => StreamsCommand.Examples,
        "recordings" or "export" or "verify" or "play" or "find" => RecordingsCommand.Examples,
        "doctor" => DoctorCommand.Examples,
        "token" or "create" or "revoke" => TokenCommand.Examples,
        "list" => command.Parents.Any(parent => parent.Name == "token") ? TokenCommand.Examples : RecordingsCommand.Examples,
        _ => RootExamples,
    };

    /// <summary>The library's help, then examples, exit codes, and where settings are. Stateless.</summary>
    private sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
    {
        /// <summary>Who asks for help need not have given every argument.</summary>
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            var code = help.Invoke(parseResult);
            var output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach (var line in ExamplesOf(parseResult.CommandResult.Command).Split('\n'))
                output.WriteLine($"  {line}");
            output.WriteLine();
            output.WriteLine(AfterHelp);
            return code;
        }
    }
}
