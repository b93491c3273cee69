using System.Threading.Channels;
using Framewire.Protocol.Video;
using Framewire.Protocol.Wire;

namespace Framewire.Server.Processing;

/// <summary>
/// One attached instance: what it is to be sent, and what it has not answered. Owned by one <see cref="AttachCall"/>, which sends and
/// receives; frames come from every stream's work. Thread-safe.
/// </summary>
internal sealed class RemoteWorker(TimeProvider time) : IFrameWorker
{
    private readonly Lock _lock = new();
    private readonly List<Held> _held = [];
    private readonly Channel<ProcessorInput?> _toSend = Channel.CreateUnbounded<ProcessorInput?>();
    private string? _goneBecause;

    /// <summary>The frames to send, each held for the sender, never more than the instance's credit; null for a heartbeat.</summary>
    public ChannelReader<ProcessorInput?> ToSend => _toSend.Reader;

    /// <summary>How long the oldest frame has waited for its answer.</summary>
    public TimeSpan OldestWait
    {
        get
        {
            lock (_lock)
                return _held.Count == 0 ? TimeSpan.Zero : time.GetElapsedTime(_held[0].Since);
        }
    }

    /// <summary>Has the instance be told that the server is alive.</summary>
    public void SayAlive() => _toSend.Writer.TryWrite(null);

    public Task<FrameResult?> ProcessAsync(ProcessorInput input)
    {
        var held = new Held(input.Stream, input.Frame.Original, time.GetTimestamp());
        lock (_lock)
        {
            if (_goneBecause is { } reason)
                return Task.FromException<FrameResult?>(new WorkerGoneException(reason));
            _held.Add(held);
            input.Frame.Retain();
            _toSend.Writer.TryWrite(input);
        }

        return held.Answer.Task;
    }

    /// <summary>Takes an answer in.</summary>
    /// <exception cref="GrpcException">INVALID_ARGUMENT: the instance holds no such frame.</exception>
    public void Answer(string stream, ulong sequence, FrameResult? result)
    {
        Held? held;
        lock (_lock)
        {
            held = _held.Find(frame => frame.Stream == stream && frame.Sequence == sequence)
                ?? throw new GrpcException(GrpcStatusCode.InvalidArgument, $"Frame {sequence} of that stream waits for no answer: it was not sent to you, or you have answered it already.");
            _held.Remove(held);
        }

        held.Answer.TrySetResult(result);
    }

    /// <summary>The instance has left: whatever it holds goes elsewhere.</summary>
    public void Leave(string reason)
    {
        Held[] held;
        lock (_lock)
        {
            _goneBecause = reason;
            held = [.. _held];
            _held.Clear();
        }

        _toSend.Writer.TryComplete();
        while (_toSend.Reader.TryRead(out var unsent))
            unsent?.Frame.Release();
        foreach (var frame in held)
            frame.Answer.TrySetException(new WorkerGoneException(reason));
    }

    /// <summary>A frame that the instance has not answered.</summary>
    private sealed record Held(string Stream, ulong Sequence, long Since)
    {
        public TaskCompletionSource<FrameResult?> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
