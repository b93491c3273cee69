using System.CommandLine;
using Framewire.Server.Recording;
using Microsoft.Extensions.Logging;

namespace Framewire.Cli.Recordings;

/// <summary><c>framewire recordings verify</c>: reads every frame on this machine and checks it.</summary>
internal static class RecordingsVerify
{
    private static readonly Argument<string?> Stream = new("STREAM") { Description = "The stream; every one, if it is left out.", Arity = ArgumentArity.ZeroOrOne };

    public static Command Build() => new Command("verify", "Read every recorded frame on this machine and check it: checksums, order, counts. Changes nothing.")
    {
        Stream, RecordingsPlace.Data,
    }.Does(RunAsync);

    private static Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        using var recordings = LocalRecordings.Open(
            parsed.GetValue(RecordingsPlace.Data) ?? Settings.Load().Server().Recording.Directory, Terminal.StandardError(LogLevel.Critical).CreateLogger("recordings"));
        var (files, frames, bad) = (0, 0L, 0);
        foreach (var segment in recordings.Verify(parsed.GetValue(Stream)))
        {
            cancellation.ThrowIfCancellationRequested();
            files++;
            frames += segment.Frames;
            bad += segment.Mistakes.Count > 0 ? 1 : 0;
            foreach (var mistake in segment.Mistakes)
                Console.Out.WriteLine($"{segment.File}: {mistake}");
            if (segment is { Mistakes.Count: 0, Summary.IsClosed: false })
                Console.Out.WriteLine($"{segment.File}: not closed: it is being written, or was when the server ended; whole up to frame {segment.Summary.LastSequence}");
        }

        Console.Out.WriteLine($"{files} files, {frames} frames, {(bad == 0 ? "all good" : $"{bad} damaged")}");
        return Task.FromResult(bad == 0 ? ExitCode.Done : ExitCode.Failed);
    }
}
