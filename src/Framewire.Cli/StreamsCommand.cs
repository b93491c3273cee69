using System.CommandLine;
using System.Globalization;
using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using Framewire.Protocol.Wire;
using Google.Protobuf;
using Spectre.Console;

namespace Framewire.Cli;

/// <summary><c>framewire streams</c>: the streams a server knows.</summary>
internal static class StreamsCommand
{
    private static readonly Option<bool> Json = new("--json") { Description = "Print framewire.v1.ListStreamsResponse as JSON." };

    /// <summary>Shown below the help.</summary>
    public const string Examples = """
        framewire streams
        framewire streams --from https://vm:50051 --json
        """;

    public static Command Build() => new Command("streams", "List the streams that a server knows, live or not.")
    {
        ClientOptions.From, Json,
    }.WithTrust().Does(RunAsync);

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var settings = Settings.Load();
        await using var connection = ClientOptions.Connect(parsed, settings);
        var list = await ClientOptions.ExplainAsync(connection, () => connection.UnaryAsync(
            ViewingContract.ListStreams, new ListStreamsRequest(), new CallOptions { Timeout = TimeSpan.FromSeconds(10) }, cancellation));
        if (parsed.GetValue(Json))
            Console.Out.WriteLine(JsonFormatter.Default.Format(list));
        else if (list.Streams.Count == 0)
            Console.Out.WriteLine("No streams. Publish one with: framewire publish test");
        else
            Write(ToTable(list));
        return ExitCode.Done;
    }

    /// <summary>Prints a table.</summary>
    internal static void Write(Table table)
    {
        // A pipe has no width: let every row have its line.
        if (Console.IsOutputRedirected)
            AnsiConsole.Profile.Width = 250;
        AnsiConsole.Write(table);
    }

    private static Table ToTable(ListStreamsResponse list)
    {
        var table = new Table().Border(TableBorder.Minimal)
            .AddColumns("stream", "state", "format", "fps", "Mbit/s", "frames", "missing", "viewers", "recorded", "from");
        foreach (var stream in list.Streams)
            table.AddRow([.. Cells(stream).Select(Markup.Escape)]);

        return table;
    }

    private static IEnumerable<string> Cells(StreamStatus stream)
    {
        yield return stream.Name;
        yield return stream.Online ? "live" : "offline";
        yield return stream.Format is { } f ? $"{f.Codec.ToString().ToLowerInvariant()} {f.Width}x{f.Height}" : "";
        yield return stream.FrameRate.ToString("0.0", CultureInfo.InvariantCulture);
        yield return (stream.BitRate / 1e6).ToString("0.00", CultureInfo.InvariantCulture);
        yield return stream.Frames.ToString(CultureInfo.InvariantCulture);
        yield return stream.Missing.ToString(CultureInfo.InvariantCulture);
        yield return stream.Viewers.ToString(CultureInfo.InvariantCulture);
        yield return stream.RecordingError.Length > 0 ? $"STOPPED: {stream.RecordingError}" : stream.Recording ? "yes" : "no";
        yield return stream.Peer;
    }
}
