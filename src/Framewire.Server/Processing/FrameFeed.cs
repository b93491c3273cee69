using Framewire.Server.Forms;
using Framewire.Server.Streams;

namespace Framewire.Server.Processing;

/// <summary>A stream's frames in the form that a processor wants. Owned by one <see cref="StreamWork"/>, which reads until it disposes it.</summary>
internal sealed class FrameFeed : IDisposable
{
    /// <summary>A processor of pictures that each stand alone wants none but the newest.</summary>
    private static readonly ReaderLag NewestOnly = new(1, TimeSpan.MaxValue);

    /// <summary>The processor has a patience of its own, and leaves when that is over.</summary>
    private static readonly TimeSpan Forever = TimeSpan.FromDays(1);

    private readonly Subscription? _asItIs;
    private readonly FormReader? _form;
    private Task<StreamEvent?>? _next;

    private FrameFeed(Subscription? asItIs, FormReader? form) => (_asItIs, _form) = (asItIs, form);

    /// <summary>Why there will be no more frames, for people; null if nobody is to blame.</summary>
    public string? Failure => _form?.Failure;

    /// <summary>Opens a stream.</summary>
    /// <returns>Null if there is no place: the stream has been forgotten, or the server makes as many forms as it may.</returns>
    public static FrameFeed? TryOpen(LiveStream stream, ProcessorSpec spec, StreamForms forms)
    {
        if (spec.Form.Spec(spec.EveryFrame) is { } form)
            return forms.TryOpen(stream, form, NewestOnly) is { } reader ? new FrameFeed(null, reader) : null;
        var overflow = spec.EveryFrame ? Overflow.WaitIfLossless : Overflow.DropToKeyframe;
        return stream.TrySubscribeResident(overflow, stream.ViewerLag, Forever) is { } subscription ? new FrameFeed(subscription, null) : null;
    }

    /// <summary>The next thing that happened, as of any subscription; null when there is no more.</summary>
    public async ValueTask<StreamEvent?> NextAsync(CancellationToken cancellation)
    {
        var next = _next ?? ReadAsync(cancellation);
        _next = null;
        return await next;
    }

    /// <summary>A newer frame than the one at hand that is here already, if every one stands alone; the one at hand is released for it.</summary>
    public async ValueTask<StreamEvent.Arrived> NewestAsync(StreamEvent.Arrived atHand, CancellationToken cancellation)
    {
        if (!atHand.Session.Format.EveryFrameIsKeyframe)
            return atHand;
        while (true)
        {
            _next ??= ReadAsync(cancellation);
            if (!_next.IsCompletedSuccessfully)
                return atHand;
            switch (await _next)
            {
                case StreamEvent.Missed:
                    break;
                case StreamEvent.Arrived newer when newer.Session == atHand.Session:
                    atHand.Frame.Release();
                    atHand = newer;
                    break;
                default:
                    return atHand;
            }

            _next = null;
        }
    }

    /// <summary>Leaves the stream.</summary>
    public void Dispose()
    {
        _asItIs?.Dispose();
        _form?.Dispose();
        if (_next is not { } unread)
            return;
        _next = null;
        _ = ReleaseAsync(unread);
    }

    /// <summary>What was read ahead belongs to nobody.</summary>
    private static async Task ReleaseAsync(Task<StreamEvent?> unread)
    {
        await ((Task)unread).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (unread.IsCompletedSuccessfully && await unread is StreamEvent.Arrived { Frame: var frame })
            frame.Release();
    }

    private async Task<StreamEvent?> ReadAsync(CancellationToken cancellation) =>
        _asItIs is not null ? await _asItIs.NextAsync(cancellation) : await _form!.NextAsync(cancellation);
}
