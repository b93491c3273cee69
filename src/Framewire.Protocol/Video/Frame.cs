using System.Diagnostics;

namespace Framewire.Protocol.Video;

/// <summary>
/// One encoded picture with its metadata. Never changed after it was numbered; <c>with</c> makes another that shares the
/// payload. Holders call <see cref="Retain"/> and <see cref="Release"/>; one who passes a frame on passes its hold on.
/// </summary>
public sealed record Frame
{
    /// <summary>No metadata.</summary>
    public static readonly IReadOnlyDictionary<string, string> NoMetadata = new Dictionary<string, string>();

    /// <summary>The frame's number in its session: the first is 1, each next one 1 more. 0 until the publisher numbers it.</summary>
    public ulong Sequence { get; init; }

    /// <summary>
    /// The sequence of the frame that this one was made of. Differs from <see cref="Sequence"/> only where pictures come out of a decoder in
    /// another order than their frames went in.
    /// </summary>
    public ulong Original
    {
        get => field == 0 ? Sequence : field;
        init;
    }

    /// <summary>Presentation time since the session's start. Frames come in decode order, so B-frames make it go back.</summary>
    public required TimeSpan Pts { get; init; }

    /// <summary>Wall clock (UTC) at the sensor, or when the source handed the frame over if it does not say.</summary>
    public required DateTimeOffset CapturedAt { get; init; }

    /// <summary>Wall clock (UTC) when the server had the whole frame; default at the edge.</summary>
    public DateTimeOffset ReceivedAt { get; init; }

    /// <summary>What happens to the frame is told as spans below this one; null for most frames.</summary>
    public Activity? Trace { get; init; }

    /// <summary>Decodable alone: every raw image, every JPEG, an H.264 IDR with its SPS and PPS.</summary>
    public required bool IsKeyframe { get; init; }

    /// <summary>Free key-value pairs that travel with the frame.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = NoMetadata;

    /// <summary>The pooled bytes.</summary>
    public required FrameBuffer Buffer { get; init; }

    /// <summary>The encoded picture.</summary>
    public ReadOnlyMemory<byte> Payload => Buffer.Memory;

    /// <summary>One more holder of the payload.</summary>
    /// <returns>This frame.</returns>
    public Frame Retain()
    {
        Buffer.Retain();
        return this;
    }

    /// <summary>One holder fewer.</summary>
    public void Release() => Buffer.Release();
}
