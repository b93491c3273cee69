using System.Runtime.CompilerServices;
using Framewire.Edge.Sources;
using Framewire.Protocol.Video;

namespace Framewire.Tests.Testing;

/// <summary>Passes an endless source on until a test has seen enough. Owned by one publisher; <see cref="End"/> may be called from anywhere.</summary>
internal sealed class EndableSource(FrameSource inner) : FrameSource
{
    private volatile bool _isOver;

    public override bool IsLive => inner.IsLive;

    /// <summary>The next frame is the last.</summary>
    public void End() => _isOver = true;

    public override Task<StreamFormat> OpenAsync(CancellationToken cancellation) => inner.OpenAsync(cancellation);

    public override async IAsyncEnumerable<Frame> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var frame in inner.ReadAsync(cancellation))
        {
            yield return frame;
            if (_isOver)
                yield break;
        }
    }

    public override ValueTask DisposeAsync() => inner.DisposeAsync();
}
