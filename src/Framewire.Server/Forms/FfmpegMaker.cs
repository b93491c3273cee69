using System.Collections.Concurrent;
using Framewire.Protocol.Contracts;
using Framewire.Protocol.Media;
using Framewire.Protocol.Video;

namespace Framewire.Server.Forms;

/// <summary>
/// Decodes and scales with an ffmpeg child, which ends with it. Owned by one <see cref="StreamForm"/>: its loop puts frames in, the
/// reading loop here takes pictures out and tells by their times which frames they are of.
/// </summary>
internal sealed class FfmpegMaker : FormMaker
{
    /// <summary>Frames inside the decoder that it may still answer; those that it silently skipped are forgotten beyond this.</summary>
    private const int MostUnderWay = 256;

    private readonly ConcurrentDictionary<long, Frame> _underWay = new();
    private readonly Queue<long> _order = new();
    private readonly byte[] _frameHeader = new byte[IvfWriter.FrameHeaderBytes];
    private readonly CancellationTokenSource _stop = new();
    private readonly TimeSpan _patience;
    private readonly StreamFormat _from;
    private readonly StreamFormat _to;
    private readonly ChildProcess _child;
    private readonly Task _reading;
    private long _count;
    private bool _started;
    private volatile bool _answered;

    private FfmpegMaker(ChildProcess child, StreamFormat from, StreamFormat to, TimeSpan patience, Func<Frame, ValueTask> handOn)
    {
        (_child, _from, _to, _patience) = (child, from, to, patience);
        _reading = ReadAsync(handOn);
    }

    /// <exception cref="MediaException">There is no ffmpeg, or it cannot be started.</exception>
    public static async Task<FfmpegMaker> StartAsync(StreamFormat from, StreamFormat to, FormOptions options, Func<Frame, ValueTask> handOn)
    {
        var program = Programs.Find(options.Ffmpeg)
            ?? throw new MediaException($"{from} cannot be made into {to}: '{options.Ffmpeg}' is not installed on the server; run 'apt-get install ffmpeg' there.");
        return new FfmpegMaker(await ChildProcess.StartAsync(program, FfmpegArguments.Of(from, to), new LastLines(), new ChildLimits(options.DecoderMemoryBytes)), from, to, options.Patience, handOn);
    }

    public override async ValueTask TakeAsync(Frame frame, CancellationToken cancellation)
    {
        try
        {
            var micros = Remember(frame);
            IvfWriter.WriteFrameHeader(_frameHeader, frame.Payload.Length, micros);
            await WriteAsync(frame.Payload, cancellation).WaitAsync(_patience, cancellation);
        }
        catch (Exception e) when (e is IOException or TimeoutException)
        {
            throw await FailureAsync(e);
        }
        finally
        {
            frame.Release();
        }

        if (_reading.IsCompleted || (!_answered && _order.Count == MostUnderWay))
            throw await FailureAsync(_reading.Exception?.InnerException);
    }

    public override async ValueTask FlushAsync(CancellationToken cancellation)
    {
        ChildProcess.CloseQuietly(_child.Input);
        try
        {
            await _reading.WaitAsync(_patience, cancellation);
        }
        catch (Exception e) when (e is IOException or TimeoutException or InvalidDataException)
        {
            throw await FailureAsync(e);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _child.DisposeAsync();
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        await base.DisposeAsync();
    }

    private async Task WriteAsync(ReadOnlyMemory<byte> accessUnit, CancellationToken cancellation)
    {
        if (!_started)
            await _child.Input.WriteAsync(FfmpegArguments.IvfHeader(_from), cancellation);
        _started = true;
        await _child.Input.WriteAsync(_frameHeader, cancellation);
        await _child.Input.WriteAsync(accessUnit, cancellation);
        await _child.Input.FlushAsync(cancellation);
    }

    /// <summary>Keeps a frame's fields until its picture comes.</summary>
    /// <returns>A time that no other frame under way has.</returns>
    private long Remember(Frame frame)
    {
        // Where each frame stands alone, its place in the row will do, and a publisher's odd times cannot confuse ffmpeg.
        var micros = _from.EveryFrameIsKeyframe ? _count++ * 1000 : Micros.Of(frame.Pts);
        while (!_underWay.TryAdd(micros, frame))
            micros++;
        _order.Enqueue(micros);
        while (_order.Count > MostUnderWay)
            _underWay.TryRemove(_order.Dequeue(), out _);
        return micros;
    }

    private async Task ReadAsync(Func<Frame, ValueTask> handOn)
    {
        var packets = new PacketReader(_child.Output);
        if (await packets.ReadHeaderAsync(_stop.Token) is not { } header)
            return;
        while (await packets.ReadAsync(_stop.Token) is { } packet)
        {
            _answered = true;
            var micros = Micros.Of(header.TimeBase.ToTime(packet.Line.Pts));
            if (_underWay.TryRemove(micros, out var frame) && packet.Buffer.Length == (_to.RawFrameBytes ?? packet.Buffer.Length))
                await handOn(frame with { Buffer = packet.Buffer, IsKeyframe = true });
            else
                packet.Buffer.Release();
        }
    }

    private async Task<MediaException> FailureAsync(Exception? cause)
    {
        await Task.WhenAny(_reading, Task.Delay(TimeSpan.FromSeconds(1)));
        var said = _child.Errors.Lines is [.., var last] ? $" (ffmpeg: {last})" : "";
        return cause is TimeoutException
            ? new MediaException($"The decoder of the server took no frame for {_patience.TotalSeconds:0.#} s{said}.", cause)
            : new MediaException($"The decoder of the server gave up{said}.", cause);
    }
}
