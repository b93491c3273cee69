using Framewire.Protocol.Wire;
using Framewire.Server.Forms;
using Framewire.Server.Streams;
using Microsoft.Extensions.Logging;

namespace Framewire.Server.Processing;

/// <summary>
/// Every processor by its name: those in this program, those attached, and those that were attached and crashed. One for each server;
/// thread-safe: one lock guards it all, and nothing waits while holding it.
/// </summary>
internal sealed partial class ProcessorRegistry : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, Processor> _processors = new(StringComparer.Ordinal);
    private readonly List<LiveStream> _streams = [];
    private readonly StreamForms _forms;
    private readonly ProcessingOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    /// <summary>Attaches to the streams: before the first is made.</summary>
    public ProcessorRegistry(StreamRegistry streams, StreamForms forms, ProcessingOptions options, TimeProvider time, ILogger<ProcessorRegistry> logger)
    {
        (_forms, _options, _time, _logger) = (forms, options, time, logger);
        streams.StreamAdded += Consider;
    }

    /// <summary>What is wrong with which processor, for people, by name; empty if nothing is.</summary>
    public IReadOnlyDictionary<string, string> Troubles()
    {
        lock (_lock)
            return _processors.Where(entry => entry.Value.Trouble() is not null).ToDictionary(entry => entry.Key, entry => entry.Value.Trouble()!);
    }

    /// <summary>How many instances of which processor there are, by name.</summary>
    public IReadOnlyDictionary<string, int> Instances()
    {
        lock (_lock)
            return _processors.ToDictionary(entry => entry.Key, entry => entry.Value.Instances);
    }

    /// <summary>Adds a processor that is part of this program.</summary>
    /// <param name="spec">What it is.</param>
    /// <param name="workersFor">Its instances for a stream.</param>
    public void AddBuiltIn(ProcessorSpec spec, Func<LiveStream, WorkerPool> workersFor)
    {
        lock (_lock)
            _processors[spec.Name] = new Processor(spec, _forms, _time, _logger, workersFor);
    }

    /// <summary>Adds an instance.</summary>
    /// <exception cref="GrpcException">RESOURCE_EXHAUSTED or FAILED_PRECONDITION, with what stands in the way.</exception>
    public void Attach(ProcessorSpec spec, IFrameWorker worker, int credit)
    {
        lock (_lock)
        {
            var processor = Admit(spec);
            processor.AbsentSince = null;
            processor.Add(worker, credit);
            processor.Start(_streams.Where(stream => !stream.IsClosed));
        }
    }

    /// <summary>Takes an instance out.</summary>
    /// <param name="spec">What it was.</param>
    /// <param name="worker">The instance.</param>
    /// <param name="isDone">Whether it said that it was done for good; else it has crashed.</param>
    public void Detach(ProcessorSpec spec, IFrameWorker worker, bool isDone)
    {
        lock (_lock)
        {
            if (_processors.GetValueOrDefault(spec.Name) is not { } processor || processor.Remove(worker) > 0)
                return;
            if (isDone)
            {
                _processors.Remove(spec.Name);
                processor.Stop();
                return;
            }

            Log.Gone(_logger, spec.Name);
            processor.AbsentSince = _time.GetUtcNow();
            if (spec.EveryFrame)
                _ = StopIfAbsentAsync(processor, processor.AbsentSince.Value);
            else
                processor.Stop();
        }
    }

    /// <summary>Ends every processor's work.</summary>
    public async ValueTask DisposeAsync()
    {
        Task[] all;
        lock (_lock)
            all = [.. _processors.Values.Select(processor => processor.Stop())];
        await Task.WhenAll(all);
    }

    private Processor Admit(ProcessorSpec spec)
    {
        var known = _processors.GetValueOrDefault(spec.Name);
        if (known is { IsBuiltIn: true })
            throw new GrpcException(GrpcStatusCode.FailedPrecondition, $"'{spec.Name}' is a processor of the server's own; attach under another name.");
        if (known is not null && known.Spec.IsLike(spec))
        {
            return known.Instances < _options.MaxInstances
                ? known
                : throw new GrpcException(GrpcStatusCode.ResourceExhausted, $"Processor '{spec.Name}' has as many instances as it may (Processing:MaxInstances).");
        }

        if (known is { Instances: > 0 })
        {
            throw new GrpcException(
                GrpcStatusCode.FailedPrecondition,
                $"Processor '{spec.Name}' is attached for {known.Spec}; this instance asks for {spec}. Stop the others first, or attach under another name.");
        }

        if (known is null && _processors.Count >= _options.MaxProcessors && !TryForgetOne())
            throw new GrpcException(GrpcStatusCode.ResourceExhausted, "The server has as many processors as it may (Processing:MaxProcessors).");
        known?.Stop();
        return _processors[spec.Name] = new Processor(spec, _forms, _time, _logger);
    }

    /// <summary>The one that has been gone for longest makes room.</summary>
    private bool TryForgetOne()
    {
        if (_processors.Values.Where(processor => processor.AbsentSince is not null).MinBy(processor => processor.AbsentSince) is not { } oldest)
            return false;
        oldest.Stop();
        return _processors.Remove(oldest.Spec.Name);
    }

    private async Task StopIfAbsentAsync(Processor processor, DateTimeOffset since)
    {
        await Task.Delay(_options.Patience, _time);
        lock (_lock)
        {
            if (processor.AbsentSince != since || !processor.IsAtWork)
                return;
            Log.GivenUp(_logger, processor.Spec.Name, _options.Patience.TotalSeconds);
            processor.Stop();
        }
    }

    private void Consider(LiveStream stream)
    {
        stream.DescribeProcessors = Describe;
        lock (_lock)
        {
            _streams.RemoveAll(other => other.IsClosed);
            _streams.Add(stream);
            foreach (var processor in _processors.Values)
                processor.Consider(stream);
        }
    }

    private IReadOnlyList<ProcessorState> Describe(LiveStream stream)
    {
        lock (_lock)
            return [.. _processors.Values.Select(processor => processor.Describe(stream)).OfType<ProcessorState>()];
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "Processor {Processor} is gone without a word: no instance is attached")]
        public static partial void Gone(ILogger logger, string processor);

        [LoggerMessage(LogLevel.Error, "Processor {Processor} has not come back for {Seconds} s: frames no longer wait for it")]
        public static partial void GivenUp(ILogger logger, string processor, double seconds);
    }
}
