using Framewire.Protocol.Media;
using Framewire.Protocol.Video;
using Framewire.Server.Streams;
using Microsoft.Extensions.Logging;

namespace Framewire.Server.Forms;

/// <summary>
/// A stream's frames in another form, made once for however many read. Reads the stream, and publishes into a stream of its own with the
/// same sessions, sequences and times. Owned by <see cref="StreamForms"/>; one loop, from <see cref="RunAsync"/>.
/// </summary>
internal sealed partial class StreamForm(LiveStream source, FormSpec spec, FormOptions options, TimeProvider time, ILogger logger) : IDisposable
{
    private const int HistoryFrames = 4;

    /// <summary>Whoever must have every frame has a patience of its own, and leaves when that is over.</summary>
    private static readonly TimeSpan Forever = TimeSpan.FromDays(1);

    private readonly FormLane _live = new(options);
    private readonly FormLane _late = new(options);
    private readonly SemaphoreSlim _handingOn = new(1);
    private Publication? _publication;
    private StreamSession? _session;
    private ulong _lastSequence;
    private CancellationToken _stop;

    /// <summary>Where the pictures are.</summary>
    public LiveStream Output { get; } = new(
        source.Name, new StreamLimits { HistoryFrames = HistoryFrames, LosslessLagFrames = 1, LosslessPatience = Forever }, time);

    /// <summary>Whether pictures are made, which costs, and not merely handed on.</summary>
    public bool IsMaking { get; private set; } = source.Format is not { } format || FormMaker.Costs(format, spec.Of(format));

    /// <summary>Why there will be no more pictures; null while there may be.</summary>
    public string? Failure { get; private set; }

    /// <summary>Makes pictures until cancelled, the stream is forgotten, or the making fails; then the output is closed.</summary>
    public async Task RunAsync(Subscription subscription, CancellationToken stop)
    {
        // Whoever begins a form holds a lock.
        await Task.Yield();
        _stop = stop;
        try
        {
            while (await subscription.NextAsync(stop) is { } next)
                await TakeInAsync(next);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Nobody reads any more.
        }
        catch (MediaException e)
        {
            Failure = e.Message;
            Log.Failed(logger, source.Name, spec.Codec, e.Message);
        }
        finally
        {
            subscription.Dispose();
            await EndMakersAsync();
            Output.Close();
        }
    }

    /// <summary>Takes the place from which the form reads the stream.</summary>
    public Subscription? TrySubscribe() => spec.EveryFrame
        ? source.TrySubscribeResident(Overflow.WaitIfLossless, source.ViewerLag, Forever)
        : source.TrySubscribeResident(Overflow.DropToKeyframe, source.ViewerLag);

    public void Dispose() => _handingOn.Dispose();

    private async Task TakeInAsync(StreamEvent next)
    {
        switch (next)
        {
            case StreamEvent.Started started:
                await BeginAsync(started.Session);
                break;
            case StreamEvent.Arrived arrived:
                _publication ??= Output.TryPublish(_session!, "", "");
                await (arrived.IsBackfill ? _late : _live).TakeAsync(arrived.Frame, arrived.Session.Format, _session!.Format, HandOnAsync, _stop);
                break;
            case StreamEvent.Completing completing:
                await FlushAsync();
                if (_publication is not null)
                    Output.Pass(completing with { Session = _session! });
                break;
            case StreamEvent.WentOffline offline when _publication is { } publication:
                await FlushAsync();
                _publication = null;
                publication.End(offline.Complete, offline.Since);
                break;
        }
    }

    private async Task BeginAsync(StreamSession session)
    {
        await EndMakersAsync();
        _publication?.Dispose();
        _publication = null;
        _lastSequence = 0;
        var format = spec.Of(session.Format);
        IsMaking = FormMaker.Costs(session.Format, format);
        _session = new StreamSession(session.Id, session.StartedAt, format, ulong.MaxValue) { IsLossless = session.IsLossless };
    }

    /// <summary>
    /// What is shown later has the higher sequence here: B-frames come out in the order of their times, and late frames come late.
    /// </summary>
    private async ValueTask HandOnAsync(Frame picture)
    {
        await _handingOn.WaitAsync(_stop);
        try
        {
            if (_publication is not { } publication)
            {
                picture.Release();
                return;
            }

            _lastSequence = Math.Max(picture.Sequence, _lastSequence + 1);
            await publication.PublishAsync(picture with { Sequence = _lastSequence, Original = picture.Sequence }, _stop);
        }
        finally
        {
            _handingOn.Release();
        }
    }

    /// <summary>What the decoders hold back comes out; they begin anew with the next keyframe.</summary>
    private async Task FlushAsync()
    {
        await _live.FlushAsync(_stop);
        await _late.FlushAsync(_stop);
    }

    private async Task EndMakersAsync()
    {
        await _live.EndAsync();
        await _late.EndAsync();
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "Stream {Stream} cannot be made into {Codec}: {Why}")]
        public static partial void Failed(ILogger logger, string stream, Codec codec, string why);
    }
}
