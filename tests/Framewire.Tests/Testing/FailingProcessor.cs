using System.Globalization;
using Framewire.Protocol.Video;
using Framewire.Server.Processing;

namespace Framewire.Tests.Testing;

/// <summary>Throws at every third frame, and counts how many of it were disposed. One for each stream.</summary>
internal sealed class FailingProcessor : IFrameProcessor, IDisposable
{
    private static int disposed;
    private int _frames;

    public static int Disposed => Volatile.Read(ref disposed);

    public ValueTask<FrameResult?> ProcessAsync(ProcessorInput input, CancellationToken cancellation)
    {
        if (++_frames % 3 == 0)
            throw new InvalidOperationException("the third frame is too much");
        // It remembers what it saw: frames come one at a time, in order.
        return new(new FrameResult { Values = new Dictionary<string, string> { ["seen"] = _frames.ToString(CultureInfo.InvariantCulture) } });
    }

    public void Dispose() => Interlocked.Increment(ref disposed);
}
