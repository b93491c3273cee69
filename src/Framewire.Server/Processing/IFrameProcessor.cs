using Framewire.Protocol.Video;

namespace Framewire.Server.Processing;

/// <summary>
/// Looks at the frames of one stream and says what is in them; never changes them. One is made for each stream that the settings give it, so
/// it may remember what it saw. Called for one frame at a time, in order, on any thread. Disposed, if it can be, when the stream is forgotten.
/// </summary>
public interface IFrameProcessor
{
    /// <summary>What it wants frames to be like; asked once for each stream.</summary>
    FrameForm Form => default;

    /// <summary>Looks at one frame.</summary>
    /// <param name="input">The frame; it is not to be kept after the call.</param>
    /// <param name="cancellation">The answer has taken too long, or the server stops.</param>
    /// <returns>What it made of it; null for nothing.</returns>
    /// <remarks>An exception costs this frame its result, and is told there.</remarks>
    ValueTask<FrameResult?> ProcessAsync(ProcessorInput input, CancellationToken cancellation);
}

/// <summary>One frame for a processor.</summary>
/// <param name="Stream">The stream's name.</param>
/// <param name="Session">The session that the frame belongs to.</param>
/// <param name="Format">What the payload is: as the processor wanted it.</param>
/// <param name="Frame">The frame, with the times of the one that it was made of. For pixels, the payload is rows top to bottom without padding.</param>
public sealed record ProcessorInput(string Stream, string Session, StreamFormat Format, Frame Frame);
