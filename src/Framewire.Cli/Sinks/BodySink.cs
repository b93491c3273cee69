using System.Text;
using Framewire.Protocol.Video;

namespace Framewire.Cli.Sinks;

/// <summary>
/// Frames one after the other into a file or a pipe, in a form that ffplay and ffmpeg recognise by themselves: Annex B, Motion JPEG,
/// and YUV4MPEG2 for grey. Raw BGR has no such form; the line on standard error says how to read it.
/// </summary>
internal sealed class BodySink(Stream body, bool isPipe) : FrameSink
{
    private static readonly byte[] ImageMark = "FRAME\n"u8.ToArray();
    private StreamFormat? _format;

    public override bool IsPipe => isPipe;

    public override async Task StartAsync(StreamFormat format, CancellationToken cancellation)
    {
        if (_format is not null && (format.Codec, format.Width, format.Height) != (_format.Codec, _format.Width, _format.Height))
            throw new IOException($"the stream changed from {_format} to {format}; a new file or pipe is needed for that.");
        var isFirst = _format is null;
        _format = format;
        if (!isFirst)
            return;
        if (format.Codec == Codec.Bgr)
            await Console.Error.WriteLineAsync($"Raw BGR: read it with ffplay -f rawvideo -pixel_format bgr24 -video_size {format.Width}x{format.Height} -");
        if (format.Codec == Codec.Gray)
            await body.WriteAsync(Header(format), cancellation);
    }

    public override async Task WriteAsync(Frame frame, CancellationToken cancellation)
    {
        if (_format?.Codec == Codec.Gray)
            await body.WriteAsync(ImageMark, cancellation);
        await body.WriteAsync(frame.Payload, cancellation);
        await body.FlushAsync(cancellation);
    }

    public override async ValueTask DisposeAsync()
    {
        try
        {
            await body.DisposeAsync();
        }
        catch (IOException) when (isPipe)
        {
            // Whoever read the pipe has gone first.
        }
    }

    /// <summary>The line before the first image of YUV4MPEG2 (mjpegtools, yuv4mpeg(5)).</summary>
    private static byte[] Header(StreamFormat format)
    {
        var rate = format.FrameRate > 0 ? (int)Math.Round(format.FrameRate * 1000) : 25_000;
        return Encoding.ASCII.GetBytes($"YUV4MPEG2 W{format.Width} H{format.Height} F{rate}:1000 Ip A1:1 Cmono\n");
    }
}
