using System.Diagnostics.CodeAnalysis;
using Framewire.Protocol.Video;
using Framewire.Server.Forms;
using Framewire.Server.Streams;
using Microsoft.Extensions.Logging;

namespace Framewire.Server.Processing;

/// <summary>
/// One processor's work on one stream: takes frames, gives each to an instance that has room, and enters the answers. Owned by one
/// <see cref="Processor"/>; one loop from <see cref="RunAsync"/>, and a task for each frame that an instance holds.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A source without timer needs no disposal.")]
internal sealed partial class StreamWork(ProcessorSpec spec, LiveStream stream, ProcessorSeat seat, WorkerPool workers, StreamForms forms, TimeProvider time, ILogger logger)
{
    /// <summary>Instances that a frame is tried on: one that kills them all must not come back for ever.</summary>
    private const int MaxAttempts = 3;

    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    private readonly FrameRateLimit _rate = new(spec.Form.FrameRate);
    private readonly CancellationTokenSource _stop = new();

    /// <summary>Why no frames come that the processor could use, for people; empty if they do.</summary>
    public string Error { get; private set; } = "";

    /// <summary>The work; complete when it was stopped or the stream is forgotten.</summary>
    public Task Work { get; private set; } = Task.CompletedTask;

    /// <summary>Begins: from now on the stream's frames wait for this processor.</summary>
    public void Begin()
    {
        seat.TakeAgain();
        // Whoever begins it holds a lock; but its place on the stream it has at once, before the next frame.
        var feed = FrameFeed.TryOpen(stream, spec, forms);
        Work = Task.Run(() => RunAsync(feed));
    }

    /// <summary>Ends: what waits goes on without this processor. Its place may be taken again at once.</summary>
    public void Stop()
    {
        _stop.Cancel();
        seat.Dispose();
    }

    private async Task RunAsync(FrameFeed? first)
    {
        try
        {
            for (var feed = first; ; feed = FrameFeed.TryOpen(stream, spec, forms))
            {
                if (feed is not null)
                {
                    using (feed)
                        await ReadAsync(feed);
                }

                if (stream.IsClosed)
                    return;
                Fail(feed is null ? "the server makes as many streams into other forms as it may (Forms:MaxForms)" : feed.Failure ?? "the stream did not wait for it");
                await Task.Delay(RetryPause, time, _stop.Token);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Nobody is left to do it, or the server stops.
        }
        finally
        {
            if (!_stop.IsCancellationRequested)
                seat.Dispose();
            await workers.DisposeOwnedAsync();
        }
    }

    private async Task ReadAsync(FrameFeed feed)
    {
        while (await feed.NextAsync(_stop.Token) is { } next)
        {
            switch (next)
            {
                case StreamEvent.Started:
                    _rate.Restart();
                    break;
                case StreamEvent.Arrived arrived when !_rate.Picks(arrived.Frame.Pts):
                    PassOver(arrived);
                    break;
                case StreamEvent.Arrived arrived:
                    await HandOutAsync(feed, arrived);
                    break;
                case StreamEvent.Completing completing:
                    seat.GiveUpWhatWaits(completing.Frames);
                    break;
            }
        }
    }

    /// <summary>It is not wanted, and so neither skipped nor done.</summary>
    private void PassOver(StreamEvent.Arrived arrived)
    {
        if (seat.Take(arrived.Session.Id, arrived.Frame.Original))
            seat.Answer(arrived.Session.Id, arrived.Frame.Original, null);
        arrived.Frame.Release();
    }

    private async Task HandOutAsync(FrameFeed feed, StreamEvent.Arrived arrived)
    {
        var mustHave = spec.EveryFrame && arrived.Session.IsLossless;
        WorkLease? lease = null;
        try
        {
            lease = await workers.AcquireAsync(waitsForMore: mustHave, _stop.Token);
            if (!mustHave)
                arrived = await feed.NewestAsync(arrived, _stop.Token);
        }
        catch
        {
            lease?.Dispose();
            arrived.Frame.Release();
            throw;
        }

        Error = "";
        var (session, frame) = (arrived.Session, arrived.Frame);
        if (!seat.Take(session.Id, frame.Original))
        {
            lease?.Dispose();
            frame.Release();
            return;
        }

        var input = new ProcessorInput(stream.Name, session.Id, session.Format, frame);
        if (lease is { } taken)
            _ = ProcessAsync(input, taken, mustHave);
        else
            Answer(input, FrameResult.Skipped(spec.Name));
    }

    private async Task ProcessAsync(ProcessorInput input, WorkLease lease, bool mustHave)
    {
        FrameResult? result;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using (lease)
                    result = await lease.Worker.ProcessAsync(input);
                break;
            }
            catch (WorkerGoneException) when (mustHave && attempt < MaxAttempts)
            {
                if (await TryAgainAsync() is not { } another)
                {
                    result = FrameResult.Skipped(spec.Name);
                    break;
                }

                lease = another;
            }
            catch (WorkerGoneException gone)
            {
                result = mustHave ? FrameResult.Failed(spec.Name, $"{MaxAttempts} instances left with this frame: {gone.Message}") : FrameResult.Skipped(spec.Name);
                break;
            }
            catch (Exception e)
            {
                Log.Failed(logger, spec.Name, stream.Name, input.Frame.Original, e);
                result = FrameResult.Failed(spec.Name, e.Message);
                break;
            }
        }

        Answer(input, result);
    }

    private void Answer(ProcessorInput input, FrameResult? result)
    {
        seat.Answer(input.Session, input.Frame.Original, result);
        input.Frame.Release();
    }

    private async Task<WorkLease?> TryAgainAsync()
    {
        try
        {
            return await workers.AcquireAsync(waitsForMore: true, _stop.Token, isAgain: true);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private void Fail(string why)
    {
        if (Error != why)
            Log.NoFrames(logger, spec.Name, stream.Name, why);
        Error = why;
        seat.GiveUpWhatWaits(error: why);
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "Processor {Processor} gets no frames of stream {Stream}: {Why}")]
        public static partial void NoFrames(ILogger logger, string processor, string stream, string why);

        [LoggerMessage(LogLevel.Warning, "Processor {Processor} failed on frame {Sequence} of stream {Stream}")]
        public static partial void Failed(ILogger logger, string processor, string stream, ulong sequence, Exception e);
    }
}
