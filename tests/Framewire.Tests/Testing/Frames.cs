using Framewire.Protocol.Video;

namespace Framewire.Tests.Testing;

/// <summary>Makes small frames for tests. Stateless.</summary>
internal static class Frames
{
    public static readonly StreamFormat H264 = new(Codec.H264, 64, 48, 30);

    /// <summary>Frames from a string: <c>K</c> a keyframe, <c>d</c> a delta frame, <c>-</c> a sequence left out. The first sequence is <paramref name="first"/>.</summary>
    public static IEnumerable<Frame> Of(string kinds, ulong first = 1, int bytes = 100) =>
        kinds.Select((kind, index) => (kind, sequence: first + (ulong)index))
            .Where(item => item.kind != '-')
            .Select(item => One(item.sequence, item.kind == 'K', bytes));

    public static Frame One(ulong sequence, bool isKeyframe = true, int bytes = 100)
    {
        var buffer = FrameBuffer.Rent(bytes);
        buffer.Memory.Span.Fill((byte)sequence);
        // Starts as Annex B does, so that it passes as H.264.
        ReadOnlySpan<byte> start = [0, 0, 0, 1];
        start[..Math.Min(4, bytes)].CopyTo(buffer.Memory.Span);
        return new Frame
        {
            Sequence = sequence,
            Pts = TimeSpan.FromMilliseconds(33 * (long)sequence),
            CapturedAt = ManualClock.Start + TimeSpan.FromMilliseconds(33 * (long)sequence),
            IsKeyframe = isKeyframe,
            Buffer = buffer,
        };
    }
}
