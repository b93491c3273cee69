using System.Runtime.CompilerServices;
using Framewire.Edge.Sources;
using Framewire.Protocol.Video;

namespace Framewire.Tests.Testing;

/// <summary>A camera that works and never hands out a picture. Owned by one publisher.</summary>
internal sealed class QuietSource : FrameSource
{
    public override bool IsLive => true;

    public override Task<StreamFormat> OpenAsync(CancellationToken cancellation) => Task.FromResult(Frames.H264);

    public override async IAsyncEnumerable<Frame> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.Delay(Timeout.Infinite, cancellation);
        yield break;
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
