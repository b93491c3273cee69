using System.CommandLine;
using Framewire.Cli.Sinks;
using Framewire.Edge;
using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using Framewire.Protocol.Wire;
using Microsoft.Extensions.Logging;

namespace Framewire.Cli;

/// <summary><c>framewire watch</c>: a stream's frames into a file, a pipe or a folder.</summary>
internal static class WatchCommand
{
    private static readonly Argument<string> Stream = new("STREAM") { Description = "The stream's name; 'framewire streams' lists them." };
    private static readonly Option<string> Output = new("--output", "-o") { HelpName = "OUT", Description = "- for standard output, a file, or a folder (an existing one, or a name that ends in /) for one JPEG a frame. Default: only show the numbers." };
    private static readonly Option<string> Results = new("--results") { HelpName = "FILE", Description = "Write what the processors made of each frame as lines of JSON, - for standard output; frames then come as late as their results." };
    private static readonly Option<ulong?> Start = new("--start") { HelpName = "SEQUENCE", Description = "Begin at this sequence, if it is still in memory, instead of live." };
    private static readonly Option<long?> Frames = new("--frames") { HelpName = "N", Description = "Stop after N frames." };
    private static readonly Option<bool> Wait = new("--wait") { Description = "Wait for the stream to appear instead of failing." };
    private static readonly Option<bool> UntilEnd = new("--until-end") { Description = "Stop when the publisher says that it is done." };

    /// <summary>Shown below the help.</summary>
    public const string Examples = """
        framewire watch test -o - | ffplay -
        framewire watch front-door -o - | ffmpeg -i - -c copy front-door.mp4
        framewire watch test --frames 100 -o pictures/
        framewire watch test --results -
        """;

    public static Command Build() => new Command(
        "watch",
        "Write a stream's frames, as they are, to a file, a pipe or a folder: H.264 as Annex B, JPEG one after the other, grey as YUV4MPEG2, BGR raw.")
    {
        Stream, ClientOptions.From, Output, Results, Start, Frames, Wait, UntilEnd,
    }.WithTrust().Does(RunAsync);

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var settings = Settings.Load();
        var terminal = Terminal.StandardError(LogLevel.Information);
        await using var connection = ClientOptions.Connect(parsed, settings);
        if (parsed.GetValue(Output) is "-" && parsed.GetValue(Results) is "-")
            throw new UsageException("Frames and results cannot both go to standard output: give one of them a file.");
        await using var sink = FrameSink.Create(parsed.GetValue(Output), settings.Source());
        using var results = ResultSink.Create(parsed.GetValue(Results));
        var request = new WatchRequest
        {
            Stream = parsed.GetRequiredValue(Stream),
            StartSequence = parsed.GetValue(Start) ?? 0,
            Wait = parsed.GetValue(Wait),
            UntilEnd = parsed.GetValue(UntilEnd),
            Results = results is not null,
        };
        var meter = new WatchMeter(terminal, TimeProvider.System);
        try
        {
            return await ClientOptions.ExplainAsync(connection, () => CopyAsync(
                connection, request, sink, results, meter, parsed.GetValue(Frames) ?? long.MaxValue, settings.Publisher().SilenceLimit, cancellation));
        }
        finally
        {
            terminal.EndStatus();
            terminal.Line(meter.Summary);
        }
    }

    private static async Task<int> CopyAsync(
        ClientConnection connection, WatchRequest request, FrameSink sink, ResultSink? results, WatchMeter meter, long frames, TimeSpan silenceLimit, CancellationToken cancellation)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        await using var messages = connection.ServerStreamingAsync(ViewingContract.Watch, request, cancellation: silence.Token).GetAsyncEnumerator(silence.Token);
        while (await HearsAsync(messages, silence, silenceLimit, cancellation))
        {
            var message = messages.Current;
            if (message.Frame is not { } frame)
            {
                if (message.Other!.Started is { } started)
                    await sink.StartAsync(FormatCoding.FromWire(started.Format, out _) ?? throw new IOException("The server's format makes no sense."), cancellation);
                meter.Note(message.Other);
                continue;
            }

            try
            {
                await sink.WriteAsync(frame, cancellation);
                results?.Write(frame.Sequence, [.. (message.Other?.Results ?? []).Select(ResultCoding.FromWire)]);
                meter.Count(frame);
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

            if (--frames == 0)
                return ExitCode.Done;
        }

        return ExitCode.Done;
    }

    /// <summary>
    /// Waits for the next message; a server that says nothing, not even that it is alive, is gone. Only the waiting counts: while a
    /// frame is written nobody listens, and a reader of the pipe may pause.
    /// </summary>
    private static async Task<bool> HearsAsync(
        IAsyncEnumerator<FrameOr<WatchResponse>> messages, CancellationTokenSource silence, TimeSpan limit, CancellationToken cancellation)
    {
        silence.CancelAfter(limit);
        try
        {
            return await messages.MoveNextAsync();
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new LinkException($"the server said nothing for {limit.TotalSeconds:0.#} s; it, or the network between, is gone.");
        }
        finally
        {
            silence.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }
}
