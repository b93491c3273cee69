using Framewire.Protocol.Media;
using Framewire.Protocol.Video;
using Framewire.Server.Streams;
using Microsoft.Extensions.Logging;

namespace Framewire.Server.Forms;

/// <summary>
/// A stream's frames as JPEG, made once for however many watch. Reads the stream as a lossy reader and publishes into a stream of its
/// own, with the same sessions, sequences and times. Owned by <see cref="StreamForms"/>; one loop, from <see cref="RunAsync"/>.
/// </summary>
internal sealed partial class JpegForm(LiveStream source, FormOptions options, TimeProvider time, ILogger logger)
{
    private const int HistoryFrames = 4;

    private JpegMaker? _maker;
    private Publication? _publication;
    private StreamSession? _session;
    private ulong _lastSequence;

    /// <summary>Where the pictures are.</summary>
    public LiveStream Output { get; } = new(source.Name, new StreamLimits { HistoryFrames = HistoryFrames, LosslessLagFrames = 1 }, time);

    /// <summary>Whether pictures are made, which costs, and not merely handed on.</summary>
    public bool IsMaking { get; private set; } = source.Status().Session?.Format.Codec is not Codec.Jpeg;

    /// <summary>Why there will be no more pictures; null while there may be.</summary>
    public string? Failure { get; private set; }

    /// <summary>Makes pictures until cancelled, the stream is forgotten, or the making fails; then the output is closed.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        // Whoever begins a form holds a lock.
        await Task.Yield();
        try
        {
            using var subscription = source.TrySubscribe(Overflow.DropToKeyframe, isViewer: false)
                ?? throw new MediaException($"Stream '{source.Name}' has as many readers as it may (Streams:MaxViewersPerStream).");
            while (await subscription.NextAsync(stop) is { } next)
                await TakeInAsync(next, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Nobody watches any more.
        }
        catch (MediaException e)
        {
            Failure = e.Message;
            Log.Failed(logger, source.Name, e.Message);
        }
        finally
        {
            if (_maker is not null)
                await _maker.DisposeAsync();
            Output.Close();
        }
    }

    private async Task TakeInAsync(StreamEvent next, CancellationToken stop)
    {
        switch (next)
        {
            case StreamEvent.Started started:
                await BeginAsync(started.Session);
                break;
            case StreamEvent.Arrived arrived:
                await TakeInAsync(arrived, stop);
                break;
            case StreamEvent.WentOffline offline when _publication is { } publication:
                if (_maker is not null)
                    await _maker.FlushAsync(stop);
                await EndMakerAsync();
                _publication = null;
                publication.End(offline.Complete, offline.Since);
                break;
        }
    }

    private async Task BeginAsync(StreamSession session)
    {
        await EndMakerAsync();
        _publication?.Dispose();
        _publication = null;
        _lastSequence = 0;
        IsMaking = session.Format.Codec is not Codec.Jpeg;
        _session = new StreamSession(session.Id, session.StartedAt, session.Format with { Codec = Codec.Jpeg }, ulong.MaxValue);
    }

    private async Task TakeInAsync(StreamEvent.Arrived arrived, CancellationToken stop)
    {
        try
        {
            _publication ??= Output.TryPublish(_session!, "", "");
            _maker ??= await JpegMaker.CreateAsync(arrived.Session.Format, options, HandOnAsync);
        }
        catch
        {
            arrived.Frame.Release();
            throw;
        }

        await _maker.TakeAsync(arrived.Frame, stop);
    }

    /// <summary>B-frames come out in the order of their times, not of their sequences: what is shown later has the higher one all the same.</summary>
    private async ValueTask HandOnAsync(Frame picture)
    {
        _lastSequence = Math.Max(picture.Sequence, _lastSequence + 1);
        if (_publication is { } publication)
            await publication.PublishAsync(picture with { Sequence = _lastSequence }, CancellationToken.None);
        else
            picture.Release();
    }

    private async Task EndMakerAsync()
    {
        if (_maker is { } maker)
            await maker.DisposeAsync();
        _maker = null;
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "Stream {Stream} cannot be shown as JPEG: {Why}")]
        public static partial void Failed(ILogger logger, string stream, string why);
    }
}
