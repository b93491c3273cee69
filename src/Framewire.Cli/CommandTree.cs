using System.CommandLine;

namespace Framewire.Cli;

/// <summary>The commands of the program, put together.</summary>
internal static class CommandTree
{
    public static RootCommand Build() =>
        new("""
            Live video frames from where a camera is to where the code is, over plain gRPC, every frame acknowledged.

            Examples:
              framewire serve                                     take frames in on 127.0.0.1:50051
              framewire publish test                              publish the built-in moving pattern
              framewire publish /dev/video0 --to http://vm:50051  publish a camera to another machine
              framewire watch test -o - | ffplay -                see a stream
              framewire streams                                   list the streams

            Exit codes: 0 done, 1 failed, 2 wrong usage, 3 server never found.
            Every setting is also in appsettings.json and in the environment (Publisher:AgeLimit is FRAMEWIRE_Publisher__AgeLimit).
            """)
        {
            ServeCommand.Build(),
            PublishCommand.Build(),
            WatchCommand.Build(),
            StreamsCommand.Build(),
        };
}
