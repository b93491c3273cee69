using System.CommandLine;
using Framewire.Cli.Sinks;
using Framewire.Protocol.Video;
using Microsoft.Extensions.Logging;

namespace Framewire.Cli.Recordings;

/// <summary><c>framewire recordings play</c>: recorded frames into a pipe, a file or a folder, at their own pace.</summary>
internal static class RecordingsPlay
{
    private static readonly Option<string> Output = new("--output", "-o") { HelpName = "OUT", Description = "- for standard output, a file, or a folder (an existing one, or a name that ends in /) for one JPEG a frame.", Required = true };
    private static readonly Option<double> Speed = new("--speed") { HelpName = "N", Description = "1: as it was, 2: twice as fast, 0: as fast as possible. Pauses in which nothing was captured are cut short. Default: 1.", DefaultValueFactory = _ => 1 };

    public static Command Build() => new Command("play", "Write recorded frames, as they are, to a pipe, a file or a folder, at the pace at which they were captured.")
    {
        RecordingsPlace.Stream, RecordingsPlace.Server, RecordingsPlace.Data, RecordingsPlace.From, RecordingsPlace.To, Output, Speed,
    }.WithTrust().Does(RunAsync);

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var settings = Settings.Load();
        var terminal = Terminal.StandardError(LogLevel.Information);
        var speed = parsed.GetValue(Speed);
        if (speed is < 0 or > 100 or double.NaN)
            throw new UsageException($"--speed {speed} is out of range: 0 (as fast as possible) to 100.");
        await using var place = RecordingsPlace.Open(parsed, settings, terminal);
        await using var sink = FrameSink.Create(parsed.GetRequiredValue(Output), settings.Source());
        StreamFormat? format = null;
        await foreach (var (_, look, frame) in place.ReadAsync(parsed.GetRequiredValue(RecordingsPlace.Stream), parsed, speed, cancellation))
        {
            try
            {
                if (format != look)
                    await sink.StartAsync(format = look, cancellation);
                await sink.WriteAsync(frame, cancellation);
            }
            catch (IOException) when (sink.IsPipe)
            {
                // Whoever read the pipe has seen enough.
                return ExitCode.Done;
            }
            finally
            {
                frame.Release();
            }
        }

        return ExitCode.Done;
    }
}
