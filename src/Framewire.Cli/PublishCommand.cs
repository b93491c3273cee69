using System.CommandLine;
using Framewire.Cli.Sinks;
using Framewire.Edge;
using Framewire.Edge.Sources;
using Framewire.Protocol.Video;
using Microsoft.Extensions.Logging;

namespace Framewire.Cli;

/// <summary><c>framewire publish</c>: a source's frames to a server, every one acknowledged.</summary>
internal static class PublishCommand
{
    private static readonly Argument<string> Source = new("SOURCE")
    {
        Description = "test (a built-in pattern), a file, a folder of images, /dev/videoN, rtsp://… or another URL, screen, exec:COMMAND, or - (standard input).",
    };

    private static readonly Option<string> To = new("--to") { HelpName = "URL", Description = "The server: http://HOST:PORT, or https:// for TLS. Default: http://127.0.0.1:50051." };
    private static readonly Option<string> Stream = new("--stream") { HelpName = "NAME", Description = $"The stream's name: {StreamName.Rule}. Default: made from the source." };
    private static readonly Option<Encoding?> Encode = new("--encode") { HelpName = "gray|bgr|jpeg|h264|copy", Description = "How frames are encoded; copy passes the source's own H.264 or Motion JPEG through. Default: jpeg." };
    private static readonly Option<int?> Quality = new("--quality") { HelpName = "1-100", Description = "JPEG quality. Default: 80." };
    private static readonly Option<int?> Bitrate = new("--bitrate") { HelpName = "KBPS", Description = "Thousands of bits a second for h264. Default: an even quality, whatever it takes." };
    private static readonly Option<string> Size = new("--size") { HelpName = "WxH", Description = "Scale to this size. Default: the source's own, 1280x720 for test." };
    private static readonly Option<double?> Fps = new("--fps") { HelpName = "N", Description = "Frames a second. Default: the source's own, 30 for test." };
    private static readonly Option<long?> Frames = new("--frames") { HelpName = "N", Description = "Stop after N frames." };
    private static readonly Option<PublishMode?> Mode = new("--mode") { HelpName = "live|lossless", Description = "live: the newest frame wins, none older than 0.5 s is sent. lossless: every frame waits for its ack. Default: live; lossless with --fast." };
    private static readonly Option<PublishAck?> Ack = new("--ack") { HelpName = "received|processed|persisted", Description = "How far a frame must come before it is forgotten here: received, in the server's memory; processed, answered by the processors; persisted, on the server's disk after an fsync. Default: received." };
    private static readonly Option<string> Results = new("--results") { HelpName = "FILE", Description = "Write what the processors made of each frame as lines of JSON; - for standard output." };
    private static readonly Option<string> Spool = new("--spool") { HelpName = "DIR", Description = "Keep every frame on disk until it is acknowledged, across outages, crashes and restarts. For --mode lossless, which it implies." };
    private static readonly Option<string> SpoolMax = new("--spool-max") { HelpName = "SIZE", Description = "The most that the spool may take, such as 500M or 20G; then the oldest frames fall out and are counted. Default: 10G, and never more than 90 % of the disk." };
    private static readonly Option<bool> InOrder = new("--in-order") { Description = "With --spool, after an outage send strictly in order. Default: new frames first, and the backlog beside them." };
    private static readonly Option<PublishContract?> Contract = new("--contract") { HelpName = "framewire|analyse", Description = "The server's contract; analyse is the seed's (service video). Default: framewire." };
    private static readonly Option<bool> Fast = new("--fast") { Description = "Read a file as fast as the server takes it, not at its own pace." };
    private static readonly Option<bool> Loop = new("--loop") { Description = "Begin a file again at its end, for ever." };
    private static readonly Option<double?> Wait = new("--wait") { HelpName = "SECONDS", Description = "Give up if the server is not found in this time (exit code 3). Default: look for ever." };
    private static readonly Option<bool> Json = new("--json") { Description = "Print the numbers as one JSON object at the end." };

    /// <summary>Shown below the help.</summary>
    public const string Examples = """
        framewire publish test
        framewire publish /dev/video0 --to https://vm:50051 --stream front-door --encode h264
        framewire publish clip.mp4 --encode copy --fast --json
        framewire publish /dev/video0 --to https://vm:50051 --encode h264 --spool /var/spool/framewire --ack persisted
        framewire publish /dev/video0 --to https://vm:50051 --ack processed --results -
        framewire publish "exec:rpicam-vid -t 0 --inline -o -" --encode copy --stream garden
        framewire publish test --encode gray --size 640x480 --contract analyse --to https://vm:50051
        """;

    public static Command Build() => new Command(
        "publish",
        "Publish a source's frames to a server, every one acknowledged.")
    {
        Source, To, Stream, Encode, Quality, Bitrate, Size, Fps, Frames, Mode, Ack, Results, Spool, SpoolMax, InOrder, Contract, Fast, Loop, Wait, Json,
    }.WithTrust().Does(RunAsync);

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var settings = Settings.Load();
        var source = SourceFrom(parsed, settings.Source());
        var options = OptionsFrom(parsed, settings.Publisher());
        UsageException.ThrowIfAny([.. source.Validate(), .. options.Validate()]);

        var terminal = Terminal.StandardError(LogLevel.Information);
        using var results = ResultSink.Create(parsed.GetValue(Results));
        await using var publisher = new Publisher(
            options, FrameSource.Create(source, TimeProvider.System), ClientOptions.Connection(parsed, settings, options.Server), TimeProvider.System, terminal);
        publisher.Processed += (sequence, made) => results?.Write(sequence, made);
        try
        {
            await StatusLine.WhileAsync(publisher, terminal, publisher.RunAsync(cancellation));
        }
        finally
        {
            terminal.EndStatus();
            var end = publisher.Snapshot();
            if (end.Captured > 0)
                terminal.Line(PublishReport.Summary(end));
            if (parsed.GetValue(Json))
                Console.Out.WriteLine(PublishReport.ToJson(end));
        }

        var result = publisher.Snapshot();
        if (result.Spooled > 0)
            terminal.Line($"{result.Spooled} frames stay in the spool; the next run sends them.");
        return options.Mode == PublishMode.Lossless && result.Acked + result.Spooled != result.Captured ? ExitCode.Failed : ExitCode.Done;
    }

    private static SourceOptions SourceFrom(ParseResult parsed, SourceOptions settings) => settings with
    {
        Source = parsed.GetRequiredValue(Source),
        Encode = parsed.GetValue(Encode) ?? settings.Encode,
        Quality = parsed.GetValue(Quality) ?? settings.Quality,
        BitrateKbps = parsed.GetValue(Bitrate) ?? settings.BitrateKbps,
        Size = parsed.GetValue(Size) is { } size ? ParseSize(size) : settings.Size,
        FrameRate = parsed.GetValue(Fps) ?? settings.FrameRate,
        Fast = parsed.GetValue(Fast) || settings.Fast,
        Loop = parsed.GetValue(Loop) || settings.Loop,
    };

    private static PublisherOptions OptionsFrom(ParseResult parsed, PublisherOptions settings) => settings with
    {
        Server = parsed.GetValue(To) is { } url ? ClientOptions.ParseUrl(url, "--to") : settings.Server,
        Stream = parsed.GetValue(Stream) ?? NameFrom(parsed.GetRequiredValue(Source)),
        Mode = parsed.GetValue(Mode) ?? (parsed.GetValue(Fast) || parsed.GetValue(Spool) is not null ? PublishMode.Lossless : settings.Mode),
        Ack = parsed.GetValue(Ack) ?? settings.Ack,
        Results = parsed.GetValue(Results) is not null || settings.Results,
        Spool = settings.Spool with
        {
            Directory = parsed.GetValue(Spool) ?? settings.Spool.Directory,
            MaxBytes = parsed.GetValue(SpoolMax) is { } size ? ByteSize.Parse(size, "--spool-max") : settings.Spool.MaxBytes,
            InOrder = parsed.GetValue(InOrder) || settings.Spool.InOrder,
        },
        Contract = parsed.GetValue(Contract) ?? settings.Contract,
        Frames = parsed.GetValue(Frames) ?? settings.Frames,
        WaitForServer = parsed.GetValue(Wait) is { } wait ? TimeSpan.FromSeconds(wait) : settings.WaitForServer,
    };

    private static ImageSize ParseSize(string text) =>
        ImageSize.TryParse(text, out var size) ? size : throw new UsageException($"The size '{text}' is not WxH, for example 1280x720.");

    /// <summary>A stream's name from its source: <c>/dev/video0</c> is <c>video0</c>, <c>clips/Walk 1.mkv</c> is <c>walk-1</c>.</summary>
    internal static string NameFrom(string source)
    {
        var word = source.StartsWith("exec:", StringComparison.Ordinal) || source == "-" || source.Contains("://", StringComparison.Ordinal)
            ? "cam"
            : Path.GetFileNameWithoutExtension(source.TrimEnd('/'));
        var safe = string.Concat(word.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '-')).Trim('-', '_');
        return StreamName.TryParse(safe[..Math.Min(safe.Length, 64)], out var name) ? name.Value : "cam";
    }
}
