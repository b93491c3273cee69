using System.CommandLine;
using System.Globalization;
using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Spectre.Console;

namespace Framewire.Cli.Recordings;

/// <summary><c>framewire recordings find</c>: where in a recording processors saw something.</summary>
internal static class RecordingsFind
{
    private static readonly Option<string> Label = new("--label") { HelpName = "LABEL", Description = "What the processors called it: person. Default: anything." };
    private static readonly Option<float?> MinScore = new("--min-score") { HelpName = "N", Description = "The lowest score of interest. Default: any." };
    private static readonly Option<string> Processor = new("--processor") { HelpName = "NAME", Description = "Only what this processor saw. Default: any." };
    private static readonly Option<double> Merge = new("--merge") { HelpName = "SECONDS", Description = "Sightings no further apart than this are one finding. Default: 1.", DefaultValueFactory = _ => 1 };
    private static readonly Option<bool> Json = new("--json") { Description = "Print framewire.v1.FindResponse as JSON." };

    public static Command Build() => new Command("find", "Find what processors saw in a recording: from when to when, in how many frames, how sure they were.")
    {
        RecordingsPlace.Stream, RecordingsPlace.Server, RecordingsPlace.Data, RecordingsPlace.From, RecordingsPlace.To,
        Label, MinScore, Processor, Merge, Json,
    }.WithTrust().Does(RunAsync);

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var request = ToRequest(parsed);
        await using var place = RecordingsPlace.Open(parsed, Settings.Load(), Terminal.StandardError(LogLevel.Warning));
        var found = await place.FindAsync(request, cancellation);
        if (parsed.GetValue(Json))
            Console.Out.WriteLine(JsonFormatter.Default.Format(found));
        else if (found.Findings.Count == 0)
            Console.Out.WriteLine($"Nothing found: no processor saw {(request.Label.Length > 0 ? $"'{request.Label}'" : "anything")} in what is recorded of '{request.Stream}'{(Narrows(request) ? " that fits" : "")}.");
        else
            Write(found, request.Stream, parsed);
        return ExitCode.Done;
    }

    private static FindRequest ToRequest(ParseResult parsed)
    {
        var (from, until) = RecordingsPlace.SpanOf(parsed);
        var merge = parsed.GetValue(Merge);
        if (merge is not (>= 0.001 and <= 1_000_000))
            throw new UsageException($"--merge {merge} is out of range: 0.001 to 1000000 seconds.");
        var request = new FindRequest
        {
            Stream = parsed.GetRequiredValue(RecordingsPlace.Stream),
            Label = parsed.GetValue(Label) ?? "",
            Processor = parsed.GetValue(Processor) ?? "",
            FromUnixMicros = from is { } start ? Micros.Of(start) : 0,
            UntilUnixMicros = until is { } end ? Micros.Of(end) : 0,
            MergeMillis = (uint)Math.Round(merge * 1000),
        };
        if (parsed.GetValue(MinScore) is not { } score)
            return request;
        if (!float.IsFinite(score))
            throw new UsageException($"--min-score {score} is no number.");
        request.MinScore = score;
        return request;
    }

    private static bool Narrows(FindRequest request) =>
        request.HasMinScore || request.Processor.Length > 0 || request.FromUnixMicros != 0 || request.UntilUnixMicros != 0;

    private static void Write(FindResponse found, string stream, ParseResult parsed)
    {
        var table = new Table().Border(TableBorder.Minimal).AddColumns("from", "duration", "label", "frames", "at most", "score", "processor", "sequences", "session");
        foreach (var finding in found.Findings)
            table.AddRow([.. Cells(finding).Select(Markup.Escape)]);
        StreamsCommand.Write(table);
        if (found.More)
            Console.Out.WriteLine($"There are more, later ones than these {found.Findings.Count}: look from there on with --from.");
        var first = found.Findings[0];
        var place = parsed.GetValue(RecordingsPlace.Server) is { } server ? $" --server {server}" : parsed.GetValue(RecordingsPlace.Data) is { } data ? $" --data {data}" : "";
        var (from, to) = (first.FromUnixMicros, first.UntilUnixMicros + Micros.Of(TimeSpan.FromSeconds(1)));
        Console.Out.WriteLine($"Play the first: framewire recordings play {stream}{place} --from {Time(from, "yyyy-MM-ddTHH:mm:ss.fff")} --to {Time(to, "yyyy-MM-ddTHH:mm:ss.fff")} -o - | ffplay -");
    }

    private static IEnumerable<string> Cells(Finding finding)
    {
        yield return Time(finding.FromUnixMicros, "yyyy-MM-dd HH:mm:ss.fff");
        yield return string.Create(CultureInfo.InvariantCulture, $"{(finding.UntilUnixMicros - finding.FromUnixMicros) / 1e6:0.0} s");
        yield return finding.Label;
        yield return finding.Frames.ToString(CultureInfo.InvariantCulture);
        yield return finding.Most.ToString(CultureInfo.InvariantCulture);
        yield return string.Create(CultureInfo.InvariantCulture, $"{finding.MaxScore:0.00} at {finding.BestSequence}");
        yield return finding.Processor;
        yield return $"{finding.FirstSequence}-{finding.LastSequence}";
        yield return finding.Session;
    }

    private static string Time(long micros, string format) => Micros.ToDateTimeOffset(micros).ToLocalTime().ToString(format, CultureInfo.InvariantCulture);
}
