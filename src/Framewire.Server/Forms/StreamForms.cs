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
    private readonly Dictionary<LiveStream, Running> _running = [];

    /// <summary>Forms being made now.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _running.Count;
        }
    }

    /// <summary>Opens a stream as JPEG.</summary>
    /// <param name="source">The stream.</param>
    /// <param name="lag">How far the reader may fall behind; null for what a viewer may.</param>
    /// <returns>Null if the server makes as many forms, or this one has as many viewers, as may be.</returns>
    public FormReader? TryOpenJpeg(LiveStream source, ReaderLag? lag = null)
    {
        lock (_lock)
        {
            // One that has just failed, or is ending, still stands here for a moment: the next reader begins another.
            if (!_running.TryGetValue(source, out var running) || running.Stop.IsCancellationRequested || running.Form.Failure is not null)
            {
                var form = new JpegForm(source, options, time, logger);
                if (form.IsMaking && _running.Values.Count(other => other.Form.IsMaking) >= options.MaxForms)
                    return null;
                running = Begin(source, form);
            }

            if (running.Form.Output.TrySubscribe(Overflow.DropToKeyframe, lag) is not { } subscription)
                return null;
            running.Readers++;
            source.CountViewerOfForm(+1);
            return new FormReader(running.Form, subscription, () => Leave(source, running));
        }
    }

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

    private Running Begin(LiveStream source, JpegForm form)
    {
        var running = new Running(form);
        running.Work = RunAsync(source, running);
        return _running[source] = running;
    }

    private async Task RunAsync(LiveStream source, Running running)
    {
        await running.Form.RunAsync(running.Stop.Token);
        lock (_lock)
        {
            running.Linger?.Dispose();
            if (_running.GetValueOrDefault(source) == running)
                _running.Remove(source);
        }
    }

    private void Leave(LiveStream source, Running running)
    {
        source.CountViewerOfForm(-1);
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
    private sealed class Running(JpegForm form)
    {
        public JpegForm Form => form;

        public CancellationTokenSource Stop { get; } = new();

        public Task Work { get; set; } = Task.CompletedTask;

        public int Readers { get; set; }

        public ITimer? Linger { get; set; }
    }
}
