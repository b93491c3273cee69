using Framewire.Protocol.Video;
using Framewire.Server.Streams;

namespace Framewire.Server.Recording;

/// <summary>
/// Takes from a stream what its processors made of frames, and again what could not be written: the stream keeps it for a while. Owned by
/// one <see cref="StreamRecorder"/>; not thread-safe.
/// </summary>
internal sealed class ResultsIntake(LiveStream stream)
{
    private long _written;
    private long _taken;

    /// <summary>What became complete since the last that was written and says something: that nobody looked at a frame is nothing to keep.</summary>
    public IReadOnlyList<FrameResults> Take()
    {
        _taken = _written;
        return [.. stream.TakeResults(ref _taken).Where(frame => frame.Results.Any(result => result.State != ResultState.Skipped))];
    }

    /// <summary>What was taken last is on disk.</summary>
    public void Written() => _written = _taken;
}
