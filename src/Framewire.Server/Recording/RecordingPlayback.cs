using Framewire.Protocol.Contracts;
using Framewire.Protocol.Log;
using Framewire.Protocol.V1;
using Framewire.Protocol.Wire;
using DropReason = Framewire.Protocol.V1.DropReason;

namespace Framewire.Server.Recording;

/// <summary>Writes recorded frames to one reader at their own pace, or as fast as it takes them. Owned by one Read call.</summary>
internal sealed class RecordingPlayback(MessageWriter<FrameOr<ReadResponse>> responses, double speed, TimeSpan heartbeatInterval, TimeProvider time)
{
    /// <summary>A longer pause, in which nothing was captured, is not waited out.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private long _startedAt;
    private TimeSpan _due;
    private DateTimeOffset? _lastCapturedAt;
    private SegmentHeader? _header;

    /// <summary>Writes until the end, or so many frames; 0 for all.</summary>
    public async Task RunAsync(IEnumerable<RecordedEntry> entries, ulong maxFrames, CancellationToken cancellation)
    {
        _startedAt = time.GetTimestamp();
        var left = maxFrames == 0 ? ulong.MaxValue : maxFrames;
        foreach (var (header, entry) in entries)
        {
            var frame = (entry as LogEntry.Picture)?.Frame;
            try
            {
                if (frame is not null)
                    await WaitForAsync(frame.CapturedAt, cancellation);
                await BeginAsync(header, cancellation);
                var message = frame is null ? new FrameOr<ReadResponse>(ToWire(((LogEntry.Missing)entry).Gap)) : new(frame);
                await WriteAsync(message, cancellation);
            }
            finally
            {
                frame?.Release();
            }

            if (frame is not null && --left == 0)
                return;
        }
    }

    private async Task BeginAsync(SegmentHeader header, CancellationToken cancellation)
    {
        if (_header is { } last && last.Session == header.Session && last.Format == header.Format)
            return;
        _header = header;
        var started = new ReadStarted
        {
            Session = header.Session,
            Format = FormatCoding.ToWire(header.Format),
            SessionStartedAtUnixMicros = Micros.Of(header.SessionStartedAt),
        };
        await WriteAsync(new(new ReadResponse { Started = started }), cancellation);
    }

    /// <summary>Waits until a frame is due. Reading ahead of its time, it says meanwhile that it is alive.</summary>
    private async Task WaitForAsync(DateTimeOffset capturedAt, CancellationToken cancellation)
    {
        var since = capturedAt - (_lastCapturedAt ?? capturedAt);
        _lastCapturedAt = capturedAt;
        if (speed == 0)
            return;
        _due += (since < TimeSpan.Zero ? TimeSpan.Zero : since > LongestPause ? LongestPause : since) / speed;
        while (_due - time.GetElapsedTime(_startedAt) is var wait && wait > TimeSpan.Zero)
        {
            await Task.Delay(wait < heartbeatInterval ? wait : heartbeatInterval, time, cancellation);
            if (wait > heartbeatInterval)
                await WriteAsync(new(new ReadResponse { Heartbeat = new() { SentAtUnixMicros = Micros.Of(time.GetUtcNow()) } }), cancellation);
        }
    }

    private Task WriteAsync(FrameOr<ReadResponse> message, CancellationToken cancellation) => responses.WriteAsync(message, cancellation: cancellation).AsTask();

    private static ReadResponse ToWire(LogGap gap) => new()
    {
        Gap = new()
        {
            FirstSequence = gap.Gap.First,
            LastSequence = gap.Gap.Last,
            Reason = (DropReason)gap.Gap.Reason,
            FromUnixMicros = gap.From == default ? 0 : Micros.Of(gap.From),
            UntilUnixMicros = gap.Until == default ? 0 : Micros.Of(gap.Until),
        },
    };
}
