using Framewire.Protocol.Contracts;
using Framewire.Protocol.V1;
using Framewire.Protocol.Video;
using Framewire.Protocol.Wire;

namespace Framewire.Server.Processing;

/// <summary>
/// One instance's call after its Attach: frames out, answers in. Owned by <see cref="AttachEndpoint"/>; a reading loop, a writing loop, and a
/// timer that looks after silence and overdue answers.
/// </summary>
internal sealed class AttachCall(
    MessageReader<AttachRequest> requests,
    MessageWriter<FrameOr<AttachResponse>> responses,
    RemoteWorker worker,
    ProcessingOptions options,
    TimeProvider time)
{
    /// <summary>Streams whose session the instance is known to know; with more it is told again.</summary>
    private const int MaxStarted = 1024;

    private readonly Dictionary<string, (string Session, StreamFormat Format)> _started = new(StringComparer.Ordinal);
    private volatile bool _saidSomething;

    /// <summary>Called with each newer token.</summary>
    public required Action<string> WhenRenewed { get; init; }

    /// <summary>Runs until the instance says that it is done.</summary>
    /// <exception cref="GrpcException">INVALID_ARGUMENT: an answer the server cannot take. DEADLINE_EXCEEDED: one that did not come.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var loops = new[] { ReadAnswersAsync(over.Token), WriteFramesAsync(over.Token), WatchAsync(over.Token) };
        try
        {
            await await Task.WhenAny(loops);
        }
        finally
        {
            await over.CancelAsync();
            await Task.WhenAll(loops).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ReadAnswersAsync(CancellationToken cancellation)
    {
        while (await requests.MoveNextAsync(cancellation))
        {
            switch (requests.Current)
            {
                case { Answer: { } answer }:
                    if (answer.Result is not null && ResultCoding.Mistake(answer.Result) is { } mistake)
                        throw new GrpcException(GrpcStatusCode.InvalidArgument, $"The result for frame {answer.Sequence} cannot be taken: {mistake}.");
                    worker.Answer(answer.Stream, answer.Sequence, answer.Result is null ? null : ResultCoding.FromWire(answer.Result));
                    break;
                case { Credentials: { } credentials }:
                    WhenRenewed(credentials.Token);
                    break;
                case { Attach: not null }:
                    throw new GrpcException(GrpcStatusCode.InvalidArgument, "A second Attach is out of place here.");
            }
        }
    }

    private async Task WriteFramesAsync(CancellationToken cancellation)
    {
        await foreach (var input in worker.ToSend.ReadAllAsync(cancellation))
        {
            _saidSomething = true;
            if (input is not null)
                await SendAsync(input, cancellation);
            else
                await responses.WriteAsync(new(new AttachResponse { Heartbeat = new() { SentAtUnixMicros = Micros.Of(time.GetUtcNow()) } }), cancellation: cancellation);
        }
    }

    private async Task SendAsync(ProcessorInput input, CancellationToken cancellation)
    {
        try
        {
            if (!_started.TryGetValue(input.Stream, out var started) || started != (input.Session, input.Format))
            {
                if (_started.Count >= MaxStarted)
                    _started.Clear();
                _started[input.Stream] = (input.Session, input.Format);
                var now = new ProcessingStarted { Stream = input.Stream, Session = input.Session, Format = FormatCoding.ToWire(input.Format) };
                await responses.WriteAsync(new(new AttachResponse { Started = now }), flush: false, cancellation);
            }

            var frame = input.Frame with { Sequence = input.Frame.Original };
            await responses.WriteAsync(new(frame, new AttachResponse { Stream = input.Stream }), cancellation: cancellation);
        }
        finally
        {
            input.Frame.Release();
        }
    }

    /// <summary>Once a heartbeat interval: says that the server is alive, and finds out whether the instance is.</summary>
    private async Task WatchAsync(CancellationToken cancellation)
    {
        using var ticks = new PeriodicTimer(options.HeartbeatInterval, time);
        while (await ticks.WaitForNextTickAsync(cancellation))
        {
            if (worker.OldestWait >= options.AnswerTimeout)
                throw new GrpcException(GrpcStatusCode.DeadlineExceeded, $"A frame was not answered within {options.AnswerTimeout.TotalSeconds:0.#} s (Processing:AnswerTimeout).");
            if (!_saidSomething)
                worker.SayAlive();
            _saidSomething = false;
        }
    }
}
