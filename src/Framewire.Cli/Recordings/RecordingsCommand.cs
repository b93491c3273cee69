using System.CommandLine;

namespace Framewire.Cli.Recordings;

/// <summary><c>framewire recordings</c>: what is kept on disk, here or at a server.</summary>
internal static class RecordingsCommand
{
    /// <summary>Shown below the help.</summary>
    public const string Examples = """
        framewire recordings list --server https://vm:50051
        framewire recordings export front-door --server https://vm:50051 --from 14:00 --to 14:05 -o front-door.mp4
        framewire recordings export garden --data /srv/recordings --from 2026-11-25T06:30 -o garden.mkv
        framewire recordings play test -o - | ffplay -
        framewire recordings find front-door --label person --min-score 0.5 --from 14:00
        framewire recordings verify --data /srv/recordings
        """;

    public static Command Build() => new(
        "recordings",
        "List, export, play, search and verify what 'framewire serve --record' has kept: in a folder on this machine, or at a server.")
    {
        RecordingsList.Build(),
        RecordingsExport.Build(),
        RecordingsPlay.Build(),
        RecordingsFind.Build(),
        RecordingsVerify.Build(),
    };
}
