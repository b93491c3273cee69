using Framewire.Protocol.Video;

namespace Framewire.Server.Processing;

/// <summary>A processor in this program, for one stream. Called for one frame at a time.</summary>
internal sealed class LocalWorker(IFrameProcessor processor, ProcessingOptions options, TimeProvider time) : IFrameWorker
{
    public async Task<FrameResult?> ProcessAsync(ProcessorInput input)
    {
        // Off the loop that reads the stream: the next frame is fetched meanwhile.
        await Task.Yield();
        using var timeout = new CancellationTokenSource(options.AnswerTimeout, time);
        try
        {
            return await processor.ProcessAsync(input, timeout.Token);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            throw new TimeoutException($"it took longer than {options.AnswerTimeout.TotalSeconds:0.#} s");
        }
    }
}
