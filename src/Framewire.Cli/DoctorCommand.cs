using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Framewire.Edge.Doctor;

namespace Framewire.Cli;

/// <summary><c>framewire doctor</c>: what stands between this machine and a server, check by check.</summary>
internal static class DoctorCommand
{
    private static readonly Argument<string> Url = new("URL") { Description = "The server: http://HOST:PORT, or https:// for TLS." };
    private static readonly Option<double?> Idle = new("--idle") { HelpName = "SECONDS", Description = "For how long to be quiet, to see whether something between cuts quiet connections. Default: 10." };
    private static readonly Option<bool> Quick = new("--quick") { Description = "Leave out what takes long or sends much: the limit of messages, throughput, idleness." };
    private static readonly Option<bool> Json = new("--json") { Description = "Print the findings as one JSON object." };

    /// <summary>Shown below the help.</summary>
    public const string Examples = """
        framewire doctor https://vm:50051 --token-file garden.token
        framewire doctor http://127.0.0.1:50051 --quick --json
        """;

    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static Command Build() => new Command("doctor", "Check the way to a server, from its name to its rights and its limits, and say what is wrong and what to do.")
    {
        Url, Idle, Quick, Json,
    }.WithTrust().Does(RunAsync);

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var settings = Settings.Load();
        var server = ClientOptions.ParseUrl(parsed.GetRequiredValue(Url), "URL");
        var options = new ExaminationOptions { Quick = parsed.GetValue(Quick) };
        if (parsed.GetValue(Idle) is { } seconds)
        {
            options = options with
            {
                Idle = seconds is > 0 and <= 86_400 ? TimeSpan.FromSeconds(seconds) : throw new UsageException($"--idle {seconds} is out of range: give seconds, more than 0 and at most 86400."),
            };
        }

        var examination = new Examination(server, ClientOptions.Connection(parsed, settings, server), options);
        var json = parsed.GetValue(Json);
        List<Finding> findings = [];
        try
        {
            await foreach (var finding in examination.RunAsync(cancellation))
            {
                findings.Add(finding);
                if (!json)
                    Console.Out.WriteLine(LineOf(finding));
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            Console.Error.WriteLine("framewire: stopped before the last check.");
            return ExitCode.Failed;
        }

        if (json)
            Console.Out.WriteLine(JsonSerializer.Serialize(new { Server = server, Well = findings.All(IsWell), Checks = findings.Select(ToJson) }, Indented));
        return findings.All(IsWell) ? ExitCode.Done
            : findings.Any(finding => finding.Failure is { ServerFound: false }) ? ExitCode.ServerNotFound
            : ExitCode.Failed;
    }

    private static bool IsWell(Finding finding) => finding.Verdict != Verdict.Failed;

    /// <summary>One line: how it came out, what was checked, how long it took, what was found, and of a failure what to do and what was said.</summary>
    internal static string LineOf(Finding finding)
    {
        var verdict = finding.Verdict switch { Verdict.Ok => "ok", Verdict.Failed => "failed", _ => "not checked" };
        var took = finding.Verdict == Verdict.NotChecked ? "" : string.Create(CultureInfo.InvariantCulture, $"{finding.Took.TotalMilliseconds:0.0} ms");
        var text = finding.Failure is { } failure ? failure.Message + (failure.Raw.Length > 0 ? $" [{failure.Raw.ReplaceLineEndings(" ")}]" : "") : finding.Found;
        return $"{verdict,-12} {finding.Check,-16} {took,11}  {text}";
    }

    private static object ToJson(Finding finding) => new
    {
        finding.Check,
        Verdict = Words(finding.Verdict),
        Seconds = finding.Took.TotalSeconds,
        finding.Found,
        Cause = finding.Failure is { } failure ? Words(failure.Cause) : null,
        finding.Failure?.Remedy,
        finding.Failure?.Raw,
    };

    private static string Words<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());
}
