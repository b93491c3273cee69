using System.Runtime.CompilerServices;
using Framewire.Edge.Sources;
using Framewire.Protocol.Video;

namespace Framewire.Tests.Testing;

/// <summary>Passes another source on and remembers what went through. Owned by one publisher; read after its end.</summary>
internal sealed class RecordingSource(FrameSource inner) : FrameSource
{
    private readonly List<Seen> _passed = [];

    /// <summary>What was handed out, numbered from 1.</summary>
    public IReadOnlyList<Seen> Passed => _passed;

    public override bool IsLive => inner.IsLive;

    public override Task<StreamFormat> OpenAsync(CancellationToken cancellation) => inner.OpenAsync(cancellation);

    public override async IAsyncEnumerable<Frame> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var frame in inner.ReadAsync(cancellation))
        {
            _passed.Add(new Seen((ulong)_passed.Count + 1, TimeSpan.FromMicroseconds(Math.Floor(frame.Pts.TotalMicroseconds)), frame.IsKeyframe, Viewer.Hash(frame.Payload.Span)));
            yield return frame;
        }
    }

    public override ValueTask DisposeAsync() => inner.DisposeAsync();
}
