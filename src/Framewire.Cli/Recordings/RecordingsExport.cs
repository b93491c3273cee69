using System.CommandLine;
using System.Globalization;
using Framewire.Protocol.Media;
using Framewire.Protocol.Video;
using Framewire.Server.Recording;
using Microsoft.Extensions.Logging;

namespace Framewire.Cli.Recordings;

/// <summary>How <c>framewire recordings export</c> writes a video file.</summary>
internal enum ExportCodec
{
    /// <summary>The frames as they were recorded.</summary>
    Copy,

    /// <summary>H.264, made of them.</summary>
    H264,
}

/// <summary><c>framewire recordings export</c>: a stretch of a recording as a video file.</summary>
internal static class RecordingsExport
{
    private static readonly Option<string> Output = new("--output", "-o") { HelpName = "FILE", Description = "The video file; its end says what kind: .mp4 or .mkv.", Required = true };
    private static readonly Option<ExportCodec> Encode = new("--encode") { HelpName = "copy|h264", Description = "copy: the frames as they were recorded. h264: made of them; raw images need that, and browsers do for JPEG. Default: copy." };

    public static Command Build() => new Command(
        "export",
        "Write a stretch of a recording into a video file, every frame at the time it was captured. Begins at the keyframe at or before --from.")
    {
        RecordingsPlace.Stream, RecordingsPlace.Server, RecordingsPlace.Data, RecordingsPlace.From, RecordingsPlace.To, Output, Encode,
    }.WithTrust().Does(RunAsync);

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var settings = Settings.Load();
        var terminal = Terminal.StandardError(LogLevel.Information);
        var output = parsed.GetRequiredValue(Output);
        if (Path.GetExtension(output) is not (".mp4" or ".mkv"))
            throw new UsageException($"-o '{output}' must end in .mp4 or .mkv.");
        await using var place = RecordingsPlace.Open(parsed, settings, terminal);
        var draft = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(output))!, $".{Path.GetFileNameWithoutExtension(output)}.part{Path.GetExtension(output)}");
        try
        {
            var frames = place.ReadAsync(parsed.GetRequiredValue(RecordingsPlace.Stream), parsed, speed: 0, cancellation);
            var (count, changed) = await WriteAsync(frames, settings.Server().Recording.Ffmpeg, draft, parsed.GetValue(Encode) == ExportCodec.H264, cancellation);
            if (count == 0)
                throw new IOException("there is no frame to export.");
            File.Move(draft, output, overwrite: true);
            terminal.Line($"{count} frames in {output}, {ByteSize.ToText(new FileInfo(output).Length)}");
            if (changed is { } at)
                terminal.Line($"The frames look otherwise from {at.ToLocalTime().ToString("yyyy-MM-ddTHH:mm:ss.fff", CultureInfo.InvariantCulture)} on: export them with --from into another file.");
            return ExitCode.Done;
        }
        finally
        {
            File.Delete(draft);
        }
    }

    private static async Task<(long Frames, DateTimeOffset? Changed)> WriteAsync(
        IAsyncEnumerable<RecordedFrame> frames, string ffmpeg, string path, bool encode, CancellationToken cancellation)
    {
        VideoFile? file = null;
        StreamFormat? format = null;
        var (times, count) = (new FileTimes(), 0L);
        try
        {
            await foreach (var (session, look, frame) in frames)
            {
                try
                {
                    if (format is not null && (look.Codec, look.Width, look.Height) != (format.Codec, format.Width, format.Height))
                    {
                        await file!.FinishAsync(cancellation);
                        return (count, frame.CapturedAt);
                    }

                    format = look;
                    file ??= await VideoFile.StartAsync(ffmpeg, look, path, encode);
                    await file.WriteAsync(frame, times.Of(session, frame), cancellation);
                    count++;
                }
                finally
                {
                    frame.Release();
                }
            }

            if (file is not null)
                await file.FinishAsync(cancellation);
            return (count, null);
        }
        finally
        {
            if (file is not null)
                await file.DisposeAsync();
        }
    }
}
