using System.Runtime.CompilerServices;
using Framewire.Protocol.Media;
using Framewire.Protocol.Video;

namespace Framewire.Edge.Sources.Ffmpeg;

/// <summary>
/// A source that ffmpeg reads and, unless its frames are copied, decodes. Owned by one publisher; one loop reads it. Dispose
/// ends ffmpeg and whatever feeds it.
/// </summary>
internal sealed class FfmpegSource : FrameSource
{
    // The report comes on another pipe than the packets, a little before them; only the frame rate hangs on it.
    private static readonly TimeSpan ReportPatience = TimeSpan.FromSeconds(2);

    private readonly SourceOptions _options;
    private readonly TimeProvider _time;
    private readonly Feed? _feed;
    private readonly Func<FfmpegInput>? _find;
    private readonly FramePacer _pacer;
    private FfmpegInput? _input;
    private FfmpegRun? _run;
    private FrameMaker? _maker;
    private FrameTimes? _times;
    private Packet? _first;

    /// <summary>A source that ffmpeg opens itself; <paramref name="find"/> looks for it when the source is opened.</summary>
    public FfmpegSource(SourceOptions options, bool isLive, Func<FfmpegInput> find, TimeProvider time)
        : this(options, isLive, time) => _find = find;

    /// <summary>A source that <paramref name="feed"/> writes to ffmpeg; the feed becomes this source's.</summary>
    public FfmpegSource(SourceOptions options, bool isLive, Feed feed, TimeProvider time)
        : this(options, isLive, time) => _feed = feed;

    private FfmpegSource(SourceOptions options, bool isLive, TimeProvider time)
    {
        (_options, _time, IsLive) = (options, time, isLive);
        _pacer = new FramePacer(time);
    }

    public override bool IsLive { get; }

    /// <summary>The running ffmpeg, for tests.</summary>
    internal int? ProcessId => _run?.ProcessId;

    public override async Task<StreamFormat> OpenAsync(CancellationToken cancellation)
    {
        var program = Programs.Find(_options.Ffmpeg)
            ?? throw new SourceException($"'{_options.Ffmpeg}' is not installed: run 'apt-get install ffmpeg'.");
        _input = _feed is null ? _find!() : await _feed.OpenAsync(cancellation).ConfigureAwait(false);
        var header = await StartAsync(program, _input, cancellation).ConfigureAwait(false);
        _times = new FrameTimes(header.TimeBase, IsByArrival ? _time : null);
        var format = FrameMaker.FormatOf(_options, header, _input.FrameRate ?? _run!.Report.FrameRate, _first!.Value.Buffer.Memory.Span)
            ?? throw Failure("does not say how large its pictures are");
        _maker = new FrameMaker(_options, format, _input.Subject);
        return _maker.Format;
    }

    public override async IAsyncEnumerable<Frame> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        if (_maker is null || _run is null || _times is null || _input is null)
            throw new InvalidOperationException("The source is not open.");
        var isPaced = _input.IsPaced && !IsByArrival;
        while (await NextAsync(cancellation).ConfigureAwait(false) is { } packet)
        {
            var times = _times.Next(packet.Line);
            var payload = _maker.Make(packet.Buffer);
            if (isPaced)
                await PaceAsync(times.Decode, payload, cancellation).ConfigureAwait(false);
            yield return new Frame
            {
                Pts = times.Present,
                CapturedAt = _feed?.TakeCapturedAt() ?? _time.GetUtcNow(),
                IsKeyframe = _maker.IsKeyframe(payload),
                Buffer = payload,
            };
        }
    }

    public override bool TrySetQuality(int quality)
    {
        if (_maker?.Jpeg is not { } jpeg)
            return false;
        jpeg.Quality = Math.Clamp(quality, 1, 100);
        return true;
    }

    public override async ValueTask DisposeAsync()
    {
        if (_run is not null)
            await _run.DisposeAsync().ConfigureAwait(false);
        if (_feed is not null)
            await _feed.DisposeAsync().ConfigureAwait(false);
        _first?.Buffer.Release();
        _first = null;
        _maker?.Dispose();
    }

    /// <summary>Tries each way to open the input until one gives a packet, which is kept for the reading loop.</summary>
    private async Task<PacketHeader> StartAsync(string program, FfmpegInput input, CancellationToken cancellation)
    {
        var copy = input.IsMotionJpeg ? FfmpegOutput.CopyAs.Untouched : FfmpegOutput.CopyAs.AnnexB;
        for (var attempt = 0; ;)
        {
            _run = await FfmpegRun.StartAsync(program, [.. input.Attempts[attempt], .. FfmpegOutput.Arguments(_options, copy)], _feed).ConfigureAwait(false);
            var header = await OrFail(_run.ReadHeaderAsync(cancellation)).ConfigureAwait(false);
            _first = header is null ? null : await OrFail(_run.ReadAsync(cancellation)).ConfigureAwait(false);
            if (header is not null && _first is not null)
            {
                await Task.WhenAny(_run.Report.Complete, Task.Delay(ReportPatience, cancellation)).ConfigureAwait(false);
                return header;
            }
            await _run.EndAsync(cancellation).ConfigureAwait(false);
            RefuseCodec(_run.Report.Codec, input);
            // Only now is it known that there is no H.264 in it; a feed cannot be read twice and says so beforehand.
            if (_options.Encode is Encoding.Copy && copy is FfmpegOutput.CopyAs.AnnexB && _run.Report.Codec is "mjpeg" && _feed is null)
                copy = FfmpegOutput.CopyAs.Untouched;
            else if (++attempt == input.Attempts.Count)
                throw Failure(input.Trouble);
            await _run.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void RefuseCodec(string codec, FfmpegInput input)
    {
        if (_options.Encode is not Encoding.Copy || codec is "" or "h264" || (codec is "mjpeg" && (_feed is null || input.IsMotionJpeg)))
            return;
        throw new SourceException(codec is "mjpeg"
            ? $"{input.Subject} is Motion JPEG in a container, which cannot be copied from a pipe: use --encode jpeg."
            : $"{input.Subject} is {codec}, and only H.264 and Motion JPEG can be copied: use --encode h264 or --encode jpeg.");
    }

    private async Task<Packet?> NextAsync(CancellationToken cancellation)
    {
        if (_first is { } first)
        {
            _first = null;
            return first;
        }
        if (await OrFail(_run!.ReadAsync(cancellation)).ConfigureAwait(false) is { } packet)
            return packet;
        return await _run.EndAsync(cancellation).ConfigureAwait(false) == 0 ? null : throw Failure("broke off");
    }

    private async Task PaceAsync(TimeSpan due, FrameBuffer held, CancellationToken cancellation)
    {
        try
        {
            await _pacer.WaitAsync(due, cancellation).ConfigureAwait(false);
        }
        catch
        {
            held.Release();
            throw;
        }
    }

    private async Task<T> OrFail<T>(Task<T> reading)
    {
        try
        {
            return await reading.ConfigureAwait(false);
        }
        catch (Exception broken) when (broken is InvalidDataException or EndOfStreamException)
        {
            throw Failure("broke off within a frame", broken);
        }
    }

    private SourceException Failure(string what, Exception? cause = null) => new(FfmpegFailure.Explain(_input!, _run!.Errors, what), cause);

    /// <summary>Pictures over HTTP without times of their own: ffmpeg would invent 25 a second.</summary>
    private bool IsByArrival => _input is { IsPaced: true } && _run?.Report.Container is "mpjpeg";
}
