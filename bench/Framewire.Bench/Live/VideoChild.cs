using Framewire.Protocol.Media;
using Framewire.Protocol.Video;
using Framewire.Server.Forms;

namespace Framewire.Bench.Live;

/// <summary>
/// An encoder or decoder as a child process: what is put in comes out as packets, by a loop here. Owned by one measurement, which ends it.
/// </summary>
internal sealed class VideoChild : IAsyncDisposable
{
    public const int Width = 1280;
    public const int Height = 720;

    private static readonly StreamFormat H264 = new(Codec.H264, Width, Height);
    private static readonly StreamFormat Gray = new(Codec.Gray, Width, Height);

    private readonly ChildProcess _child;
    private readonly Task _reading;
    private readonly byte[] _header = new byte[IvfWriter.FrameHeaderBytes];
    private long _micros;

    private VideoChild(ChildProcess child, Func<FrameBuffer, ValueTask> handOn)
    {
        _child = child;
        _reading = ReadAsync(handOn);
    }

    /// <summary>Grey pictures in, H.264 out.</summary>
    /// <param name="handOn">Is given each access unit, and releases it.</param>
    public static async Task<VideoChild> EncoderAsync(Func<FrameBuffer, ValueTask> handOn) => new(await StartAsync(
    [
        "-nostdin", "-hide_banner", "-nostats", "-loglevel", "error",
        "-f", "rawvideo", "-pixel_format", "gray", "-video_size", $"{Width}x{Height}", "-framerate", "30", "-probesize", "32", "-i", "pipe:0",
        "-map", "0:v:0", "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p", "-g", "60",
        "-f", "tee", "[f=framecrc:flush_packets=1]pipe:1|[f=data:flush_packets=1]pipe:1",
    ]), handOn);

    /// <summary>H.264 in, grey pictures out: the decoder that the server has.</summary>
    public static async Task<VideoChild> DecoderAsync(Func<FrameBuffer, ValueTask> handOn)
    {
        var decoder = new VideoChild(await StartAsync(FfmpegArguments.Of(H264, Gray)), handOn);
        await decoder._child.Input.WriteAsync(FfmpegArguments.IvfHeader(H264));
        return decoder;
    }

    /// <summary>Puts a bare picture in.</summary>
    public Task PutPictureAsync(ReadOnlyMemory<byte> picture) => PutAsync(picture);

    /// <summary>Puts an access unit in, in IVF.</summary>
    public async Task PutAccessUnitAsync(ReadOnlyMemory<byte> accessUnit)
    {
        IvfWriter.WriteFrameHeader(_header, accessUnit.Length, _micros += 33_333);
        await PutAsync(_header);
        await PutAsync(accessUnit);
    }

    /// <summary>There is no more to put in: waits for what is still to come out.</summary>
    public async Task FinishAsync()
    {
        ChildProcess.CloseQuietly(_child.Input);
        await _reading.WaitAsync(TimeSpan.FromSeconds(10));
    }

    public async ValueTask DisposeAsync()
    {
        await _child.DisposeAsync();
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task PutAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            await _child.Input.WriteAsync(bytes);
            await _child.Input.FlushAsync();
        }
        catch (IOException broken)
        {
            await Task.WhenAny(_reading, Task.Delay(TimeSpan.FromSeconds(1)));
            var said = _child.Errors.Lines is [.., var last] ? last : broken.Message;
            throw new IOException($"ffmpeg ended: {said}", broken);
        }
    }

    private static Task<ChildProcess> StartAsync(IEnumerable<string> arguments) =>
        ChildProcess.StartAsync(Programs.Find("ffmpeg") ?? throw new IOException("ffmpeg is not installed."), arguments, new LastLines());

    private async Task ReadAsync(Func<FrameBuffer, ValueTask> handOn)
    {
        var packets = new PacketReader(_child.Output);
        await packets.ReadHeaderAsync(default);
        while (await packets.ReadAsync(default) is { } packet)
            await handOn(packet.Buffer);
    }
}
