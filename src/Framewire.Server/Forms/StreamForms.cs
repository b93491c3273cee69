using Framewire.Protocol.Video;
using Framewire.Server.Streams;
using Microsoft.Extensions.Logging;

namespace Framewire.Server.Forms;

/// <summary>
/// The forms that streams are made into, each once however many ask: begun with the first reader, ended a while after the last. One for
/// each server; thread-safe.
/// </summary>
internal sealed class StreamForms(FormOptions options, TimeProvider time, ILogger<StreamForms> logger) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(LiveStream Source, FormSpec Spec), Running> _running = [];

    /// <summary>Forms being made now.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _running.Count;
        }
    }

    /// <summary>Opens a stream as JPEG for a viewer.</summary>
    /// <param name="source">The stream.</param>
    /// <param name="lag">How far the reader may fall behind; null for what a viewer may.</param>
    /// <returns>Null if the server makes as many forms, or this one has as many viewers, as may be.</returns>
    public FormReader? TryOpenJpeg(LiveStream source, ReaderLag? lag = null)
    {
        var reader = TryOpen(source, new FormSpec(Codec.Jpeg), form => form.TrySubscribe(Overflow.DropToKeyframe, lag), () => source.CountViewerOfForm(-1));
        if (reader is not null)
            source.CountViewerOfForm(+1);
        return reader;
    }

    /// <summary>Opens a stream in a form for a processor, which takes no viewer's place.</summary>
    /// <param name="source">The stream.</param>
    /// <param name="spec">The form.</param>
    /// <param name="lag">How far the processor may fall behind, where it may.</param>
    /// <returns>Null if the server makes as many forms as may be, or the stream has been forgotten.</returns>
    public FormReader? TryOpen(LiveStream source, FormSpec spec, ReaderLag lag) => TryOpen(
        source, spec, form => form.TrySubscribeResident(spec.EveryFrame ? Overflow.WaitIfLossless : Overflow.DropToKeyframe, lag), () => { });

    /// <summary>Ends every form.</summary>
    public async ValueTask DisposeAsync()
    {
        Running[] all;
        lock (_lock)
            all = [.. _running.Values];
        foreach (var running in all)
        {
            await running.Stop.CancelAsync();
            await running.Work;
        }
    }

    private FormReader? TryOpen(LiveStream source, FormSpec spec, Func<LiveStream, Subscription?> subscribe, Action left)
    {
        lock (_lock)
        {
            // One that has just failed, or is ending, still stands here for a moment: the next reader begins another.
            if (!_running.TryGetValue((source, spec), out var running) || running.Stop.IsCancellationRequested || running.Form.Failure is not null)
            {
                var form = new StreamForm(source, spec, options, time, logger);
                if (form.IsMaking && _running.Values.Count(other => other.Form.IsMaking) >= options.MaxForms)
                    return null;
                if (form.TrySubscribe() is not { } place)
                    return null;
                running = Begin((source, spec), form, place);
            }

            if (subscribe(running.Form.Output) is not { } subscription)
                return null;
            running.Readers++;
            return new FormReader(running.Form, subscription, () =>
            {
                left();
                Leave(running);
            });
        }
    }

    private Running Begin((LiveStream Source, FormSpec Spec) key, StreamForm form, Subscription place)
    {
        var running = new Running(form);
        running.Work = RunAsync(key, running, place);
        return _running[key] = running;
    }

    private async Task RunAsync((LiveStream Source, FormSpec Spec) key, Running running, Subscription place)
    {
        await running.Form.RunAsync(place, running.Stop.Token);
        lock (_lock)
        {
            running.Linger?.Dispose();
            if (_running.GetValueOrDefault(key) == running)
                _running.Remove(key);
        }

        running.Form.Dispose();
    }

    private void Leave(Running running)
    {
        lock (_lock)
        {
            if (--running.Readers > 0)
                return;
            running.Linger?.Dispose();
            running.Linger = time.CreateTimer(_ => StopIfUnread(running), null, options.Linger, Timeout.InfiniteTimeSpan);
        }
    }

    private void StopIfUnread(Running running)
    {
        lock (_lock)
        {
            if (running.Readers == 0)
                running.Stop.Cancel();
        }
    }

    /// <summary>A form at work and who reads it. Guarded by the lock.</summary>
    private sealed class Running(StreamForm form)
    {
        public StreamForm Form => form;

        public CancellationTokenSource Stop { get; } = new();

        public Task Work { get; set; } = Task.CompletedTask;

        public int Readers { get; set; }

        public ITimer? Linger { get; set; }
    }
}
