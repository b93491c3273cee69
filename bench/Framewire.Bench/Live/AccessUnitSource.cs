using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Framewire.Edge.Sources;
using Framewire.Protocol.Video;

namespace Framewire.Bench.Live;

/// <summary>What an encoder gives, as a camera for a publisher. Owned by the publisher; the encoder's reading loop puts in.</summary>
internal sealed class AccessUnitSource : FrameSource
{
    private const int IdrSlice = 5;

    private readonly Channel<FrameBuffer> _units = Channel.CreateUnbounded<FrameBuffer>(new() { SingleReader = true, SingleWriter = true });

    public override bool IsLive => true;

    /// <summary>Puts an access unit in; its buffer becomes the source's.</summary>
    public void Put(FrameBuffer unit) => _units.Writer.TryWrite(unit);

    /// <summary>There are no more.</summary>
    public void Complete() => _units.Writer.Complete();

    public override Task<StreamFormat> OpenAsync(CancellationToken cancellation) =>
        Task.FromResult(new StreamFormat(Codec.H264, VideoChild.Width, VideoChild.Height, 30));

    public override async IAsyncEnumerable<Frame> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var start = DateTimeOffset.UtcNow;
        await foreach (var unit in _units.Reader.ReadAllAsync(cancellation))
        {
            var now = DateTimeOffset.UtcNow;
            yield return new Frame { Pts = now - start, CapturedAt = now, IsKeyframe = IsKeyframe(unit.Memory.Span), Buffer = unit };
        }
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Whether there is an IDR slice: a NAL unit of type 5 (ITU-T H.264, table 7-1) behind a start code.</summary>
    private static bool IsKeyframe(ReadOnlySpan<byte> unit)
    {
        ReadOnlySpan<byte> startCode = [0, 0, 1];
        for (var at = unit.IndexOf(startCode); at >= 0 && at + startCode.Length < unit.Length; at = unit.IndexOf(startCode))
        {
            unit = unit[(at + startCode.Length)..];
            if ((unit[0] & 0x1F) == IdrSlice)
                return true;
        }

        return false;
    }
}
