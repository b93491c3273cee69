using Framewire.Protocol.Video;
using Framewire.Protocol.Wire;
using Framewire.Server.Forms;
using Framewire.Server.Streams;

namespace Framewire.Server.Viewing;

/// <summary>
/// One stream as one viewer can show it: as it is, or, from the first session in a codec that the viewer lacks, as JPEG. Owned by one
/// loop of a Watch call, which reads until it disposes it.
/// </summary>
internal sealed class ShownStream : IDisposable
{
    private readonly LiveStream _stream;
    private readonly StreamForms _forms;
    private readonly IReadOnlySet<Codec> _codecs;
    private Subscription? _asItIs;
    private FormReader? _asJpeg;

    /// <param name="stream">The stream.</param>
    /// <param name="asItIs">A place on it, which this takes over.</param>
    /// <param name="forms">What makes JPEG.</param>
    /// <param name="codecs">What the viewer can show; empty for everything.</param>
    public ShownStream(LiveStream stream, Subscription asItIs, StreamForms forms, IReadOnlySet<Codec> codecs)
    {
        (_stream, _asItIs, _forms, _codecs) = (stream, asItIs, forms, codecs);
    }

    /// <summary>The next thing that happened, as of any subscription; null when the stream is gone.</summary>
    /// <exception cref="GrpcException">The frames cannot be made what the viewer can show.</exception>
    public async ValueTask<StreamEvent?> NextAsync(CancellationToken cancellation)
    {
        while (_asItIs is not null)
        {
            var next = await _asItIs.NextAsync(cancellation);
            if (next is not StreamEvent.Started { Session.Format: var format } || CanShow(format.Codec))
                return next;
            GoOnAsJpeg(format);
        }

        return await _asJpeg!.NextAsync(cancellation)
            ?? throw new GrpcException(GrpcStatusCode.Unavailable, _asJpeg.Failure ?? $"Stream '{_stream.Name}' is no longer made into JPEG.");
    }

    /// <summary>What the processors made of a frame, once they usually have; empty if nobody processes it, or they took longer than the patience.</summary>
    public ValueTask<IReadOnlyList<FrameResult>> ResultsOfAsync(StreamEvent.Arrived arrived, TimeSpan patience, CancellationToken cancellation) =>
        _stream.ResultsOfAsync(arrived.Session.Id, arrived.Frame.Original, patience, cancellation);

    public void Dispose()
    {
        _asItIs?.Dispose();
        _asJpeg?.Dispose();
    }

    private bool CanShow(Codec codec) => _codecs.Count == 0 || _codecs.Contains(codec);

    private void GoOnAsJpeg(StreamFormat format)
    {
        if (!CanShow(Codec.Jpeg))
            throw new GrpcException(GrpcStatusCode.FailedPrecondition, $"Stream '{_stream.Name}' is {format}, which this viewer cannot show, nor JPEG.");
        _asJpeg = _forms.TryOpenJpeg(_stream)
            ?? throw new GrpcException(GrpcStatusCode.ResourceExhausted, "The server makes as many streams into JPEG as it may (Forms:MaxForms).");
        _asItIs!.Dispose();
        _asItIs = null;
    }
}
