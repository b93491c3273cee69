using System.Runtime.CompilerServices;
using Framewire.Bench.Load;
using Framewire.Edge.Sources;
using Framewire.Protocol.Video;

namespace Framewire.Bench;

/// <summary>A source that costs nothing: the same payload again and again, as fast as it is taken or at a pace. Owned by one publisher.</summary>
/// <param name="format">What the frames look like from outside.</param>
/// <param name="bytes">Of each.</param>
/// <param name="framesPerSecond">0 for as fast as they are taken.</param>
/// <param name="keyframeEvery">So many frames.</param>
internal sealed class MadeFrames(StreamFormat format, int bytes, double framesPerSecond, int keyframeEvery = 1) : FrameSource
{
    private readonly FrameBuffer _payload = MadePayload.Of(format.Codec, bytes);

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
                IsKeyframe = number % keyframeEvery == 0,
                Buffer = _payload,
            };
        }
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
