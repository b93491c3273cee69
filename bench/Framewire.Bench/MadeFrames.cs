using System.Runtime.CompilerServices;
using Framewire.Edge.Sources;
using Framewire.Protocol.Video;

namespace Framewire.Bench;

/// <summary>A source that costs nothing: the same payload again and again, as fast as it is taken or at a pace. Owned by one publisher.</summary>
internal sealed class MadeFrames(StreamFormat format, int bytes, double framesPerSecond) : FrameSource
{
    private readonly FrameBuffer _payload = Payload(format, bytes);

    public override bool IsLive => framesPerSecond > 0;

    public override Task<StreamFormat> OpenAsync(CancellationToken cancellation) => Task.FromResult(format);

    public override async IAsyncEnumerable<Frame> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var start = TimeProvider.System.GetTimestamp();
        for (var number = 0L; !cancellation.IsCancellationRequested; number++)
        {
            if (framesPerSecond > 0)
            {
                var wait = TimeSpan.FromSeconds(number / framesPerSecond) - TimeProvider.System.GetElapsedTime(start);
                if (wait > TimeSpan.Zero)
                    await Task.Delay(wait, cancellation);
            }

            _payload.Retain();
            yield return new Frame
            {
                Pts = TimeProvider.System.GetElapsedTime(start),
                CapturedAt = DateTimeOffset.UtcNow,
                IsKeyframe = true,
                Buffer = _payload,
            };
        }
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Noise, as pictures are to a disk; with a JPEG's first bytes where that is looked at.</summary>
    private static FrameBuffer Payload(StreamFormat format, int bytes)
    {
        var buffer = FrameBuffer.Rent(bytes);
        new Random(1).NextBytes(buffer.Memory.Span);
        if (format.Codec == Codec.Jpeg)
            new byte[] { 0xFF, 0xD8, 0xFF, 0xE0 }.CopyTo(buffer.Memory.Span);
        return buffer;
    }
}
