using System.CommandLine;
using System.Globalization;
using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Spectre.Console;

namespace Framewire.Cli.Recordings;

/// <summary><c>framewire recordings list</c>.</summary>
internal static class RecordingsList
{
    private static readonly Option<bool> Json = new("--json") { Description = "Print framewire.v1.ListResponse as JSON." };

    public static Command Build() => new Command("list", "List what is recorded.")
    {
        RecordingsPlace.Server, RecordingsPlace.Data, Json,
    }.WithTrust().Does(RunAsync);

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        await using var place = RecordingsPlace.Open(parsed, Settings.Load(), Terminal.StandardError(LogLevel.Warning));
        var list = await place.ListAsync(cancellation);
        if (parsed.GetValue(Json))
            Console.Out.WriteLine(JsonFormatter.Default.Format(list));
        else if (list.Recordings.Count == 0)
            Console.Out.WriteLine("Nothing is recorded. A server records with: framewire serve --record");
        else
            StreamsCommand.Write(ToTable(list));
        return ExitCode.Done;
    }

    private static Table ToTable(ListResponse list)
    {
        var table = new Table().Border(TableBorder.Minimal).AddColumns("stream", "from", "to", "format", "frames", "size", "files", "state");
        foreach (var recording in list.Recordings)
            table.AddRow([.. Cells(recording).Select(Markup.Escape)]);
        return table;
    }

    private static IEnumerable<string> Cells(Recording recording)
    {
        yield return recording.Stream;
        yield return Local(recording.FirstCapturedAtUnixMicros);
        yield return Local(recording.LastCapturedAtUnixMicros);
        yield return FormatCoding.FromWire(recording.Format, out _)?.ToString() ?? "";
        yield return recording.Frames.ToString(CultureInfo.InvariantCulture);
        yield return ByteSize.ToText((long)recording.Bytes);
        yield return recording.Segments.ToString(CultureInfo.InvariantCulture);
        yield return recording.Error.Length > 0 ? $"stopped: {recording.Error}" : recording.Active ? "recording" : "";
    }

    private static string Local(long micros) =>
        Micros.ToDateTimeOffset(micros).ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
