using System.Runtime.CompilerServices;
using Framewire.Edge.Sources;
using Framewire.Protocol.Video;

namespace Framewire.Tests.Testing;

/// <summary>Small and large frames by turns, as fast as they are taken. Owned by one publisher.</summary>
internal sealed class MixedSizes(int small, int large) : FrameSource
{
    public override bool IsLive => false;

    public override Task<StreamFormat> OpenAsync(CancellationToken cancellation) => Task.FromResult(Frames.H264);

    public override async IAsyncEnumerable<Frame> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.Yield();
        for (var n = 0; !cancellation.IsCancellationRequested; n++)
            yield return Frames.One(0, bytes: n % 2 == 0 ? small : large);
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
