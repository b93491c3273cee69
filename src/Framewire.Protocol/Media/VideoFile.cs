using Framewire.Protocol.Video;

namespace Framewire.Protocol.Media;

/// <summary>
/// Frames into a video file, each shown at its own time, by an ffmpeg child: as they are, or as H.264 if that is asked for. Owned by one
/// loop.
/// </summary>
public sealed class VideoFile : IAsyncDisposable
{
    /// <summary>A file that may be cut off anywhere and still plays, for a pipe, which cannot go back.</summary>
    public const string Pipe = "pipe:1";

    private readonly ChildProcess _child;
    private readonly StreamFormat _format;
    private readonly JpegEncoder? _jpeg;
    private readonly byte[] _frameHeader = new byte[IvfWriter.FrameHeaderBytes];
    private bool _hasHeader;

    private VideoFile(ChildProcess child, StreamFormat format)
    {
        (_child, _format) = (child, format);
        _jpeg = format.Codec == Codec.Bgr ? new JpegEncoder(format.Width, format.Height, 95, PixelLayout.Bgr) : null;
    }

    /// <summary>What ffmpeg writes, if it writes to <see cref="Pipe"/>.</summary>
    public Stream Output => _child.Output;

    /// <summary>Starts ffmpeg.</summary>
    /// <param name="ffmpeg">The program.</param>
    /// <param name="format">What the frames look like.</param>
    /// <param name="path">The file, whose end says what kind (.mp4, .mkv), or <see cref="Pipe"/> for fragmented MP4.</param>
    /// <param name="encode">Whether to make H.264 of it; false for frames as they are.</param>
    /// <param name="limits">What ffmpeg may take; null for as much as this process.</param>
    /// <exception cref="MediaException">There is no ffmpeg, or raw images are to be put into a file as they are.</exception>
    public static async Task<VideoFile> StartAsync(string ffmpeg, StreamFormat format, string path, bool encode, ChildLimits? limits = null)
    {
        if (!encode && format.RawFrameBytes is not null)
            throw new MediaException($"the recording is {format}: raw images have no place in a video file; add --encode h264, or export .mcap.");
        var program = Programs.Find(ffmpeg) ?? throw new MediaException($"'{ffmpeg}' is not installed, and makes the video file; run 'apt-get install ffmpeg'.");
        string[] codec = encode && format.Codec != Codec.H264
            ? ["-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p", "-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2", "-enc_time_base", "1:90000"]
            : ["-c:v", "copy"];
        string[] container = path == Pipe
            ? ["-movflags", "frag_keyframe+empty_moov+default_base_moof", "-f", "mp4", path]
            : ["-movflags", "+faststart", "-y", path];
        string[] arguments =
        [
            "-nostdin", "-hide_banner", "-nostats", "-loglevel", "error", "-protocol_whitelist", "pipe", "-f", "ivf", "-i", "pipe:0", "-map", "0:v:0", .. codec,
            "-fps_mode", "passthrough", "-video_track_timescale", "90000", .. container,
        ];
        return new VideoFile(await ChildProcess.StartAsync(program, arguments, new LastLines(), limits).ConfigureAwait(false), format);
    }

    /// <summary>Adds a frame.</summary>
    /// <param name="frame">The frame; the caller keeps its hold.</param>
    /// <param name="at">When it is shown, from the file's beginning.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="MediaException">ffmpeg does not take it.</exception>
    public async Task WriteAsync(Frame frame, TimeSpan at, CancellationToken cancellation)
    {
        try
        {
            if (!_hasHeader)
                await _child.Input.WriteAsync(FileHeader(), cancellation).ConfigureAwait(false);
            _hasHeader = true;
            if (_jpeg is null)
            {
                await WriteAsync(frame.Payload, at, cancellation).ConfigureAwait(false);
                return;
            }

            var picture = _jpeg.Encode(frame.Payload.Span);
            await WriteAsync(picture.Memory, at, cancellation).ConfigureAwait(false);
            picture.Release();
        }
        catch (IOException)
        {
            await ThrowAsync(cancellation).ConfigureAwait(false);
        }
    }

    private async Task WriteAsync(ReadOnlyMemory<byte> payload, TimeSpan at, CancellationToken cancellation)
    {
        IvfWriter.WriteFrameHeader(_frameHeader, payload.Length, at.Ticks / TimeSpan.TicksPerMicrosecond);
        await _child.Input.WriteAsync(_frameHeader, cancellation).ConfigureAwait(false);
        await _child.Input.WriteAsync(payload, cancellation).ConfigureAwait(false);
    }

    /// <summary>Says that there is no more.</summary>
    public void EndInput() => ChildProcess.CloseQuietly(_child.Input);

    /// <summary>Waits until the file is whole.</summary>
    /// <exception cref="MediaException">ffmpeg failed.</exception>
    public async Task FinishAsync(CancellationToken cancellation)
    {
        EndInput();
        if (await _child.WaitAsync(cancellation).ConfigureAwait(false) != 0)
            await ThrowAsync(cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _jpeg?.Dispose();
        await _child.DisposeAsync().ConfigureAwait(false);
    }

    private byte[] FileHeader() => _format.Codec switch
    {
        Codec.H264 => IvfWriter.FileHeader("H264"u8, _format.Width, _format.Height),
        Codec.Gray => IvfWriter.FileHeader("Y800"u8, _format.Width, _format.Height),
        _ => IvfWriter.FileHeader("MJPG"u8, _format.Width, _format.Height),
    };

    private async Task ThrowAsync(CancellationToken cancellation)
    {
        await _child.WaitAsync(cancellation).ConfigureAwait(false);
        throw new MediaException($"the video file cannot be made: {string.Join(" ", _child.Errors.Lines)}");
    }
}
