using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Framewire.Protocol.Video;

namespace Framewire.Cli.Sinks;

/// <summary>
/// One JPEG a frame into a folder. JPEG frames are written as they are and named by their sequence; other codecs go through ffmpeg,
/// which numbers them in order.
/// </summary>
internal sealed class FolderSink(string folder, string ffmpeg) : FrameSink
{
    private StreamFormat? _format;
    private Process? _converter;

    public override async Task StartAsync(StreamFormat format, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        if (_converter is not null && _format == format)
            return;
        await EndConverterAsync();
        _format = format;
        if (format.Codec != Codec.Jpeg)
            _converter = StartConverter(format);
    }

    public override async Task WriteAsync(Frame frame, CancellationToken cancellation)
    {
        if (_converter is null)
        {
            var name = frame.Sequence.ToString("D8", CultureInfo.InvariantCulture) + ".jpg";
            await File.WriteAllBytesAsync(Path.Combine(folder, name), frame.Payload, cancellation);
            return;
        }

        await _converter.StandardInput.BaseStream.WriteAsync(frame.Payload, cancellation);
        await _converter.StandardInput.BaseStream.FlushAsync(cancellation);
    }

    public override async ValueTask DisposeAsync() => await EndConverterAsync();

    private Process StartConverter(StreamFormat format)
    {
        var size = $"{format.Width}x{format.Height}";
        string[] input = format.Codec switch
        {
            Codec.H264 => ["-f", "h264"],
            Codec.Gray => ["-f", "rawvideo", "-pixel_format", "gray", "-video_size", size],
            _ => ["-f", "rawvideo", "-pixel_format", "bgr24", "-video_size", size],
        };
        string[] arguments =
        [
            "-hide_banner", "-loglevel", "error", .. input, "-i", "pipe:0", "-fps_mode", "passthrough", "-q:v", "2", Path.Combine(folder, "%08d.jpg"),
        ];
        try
        {
            return Process.Start(new ProcessStartInfo(ffmpeg, arguments) { RedirectStandardInput = true })!;
        }
        catch (Win32Exception e)
        {
            throw new IOException($"{ffmpeg} cannot be started, and {format} needs it to become JPEG: {e.Message}; install it with apt-get install ffmpeg.", e);
        }
    }

    private async Task EndConverterAsync()
    {
        if (_converter is null)
            return;
        _converter.StandardInput.Close();
        await _converter.WaitForExitAsync();
        _converter.Dispose();
        _converter = null;
    }
}
