using Framewire.Protocol.Media;
using Framewire.Protocol.Video;

namespace Framewire.Server.Forms;

/// <summary>
/// One run of frames in decode order through a maker of its own, which begins with the first frame. Owned by one <see cref="StreamForm"/>,
/// which has two: frames that come late would confuse the decoder of the others.
/// </summary>
internal sealed class FormLane(FormOptions options)
{
    private FormMaker? _maker;

    /// <summary>Takes a frame and its hold.</summary>
    /// <exception cref="MediaException">Nothing more can be made.</exception>
    public async Task TakeAsync(Frame frame, StreamFormat from, StreamFormat to, Func<Frame, ValueTask> handOn, CancellationToken cancellation)
    {
        try
        {
            _maker ??= await FormMaker.CreateAsync(from, to, options, handOn);
        }
        catch
        {
            frame.Release();
            throw;
        }

        await _maker.TakeAsync(frame, cancellation);
    }

    /// <summary>Hands on whatever is still inside, and ends the maker.</summary>
    public async Task FlushAsync(CancellationToken cancellation)
    {
        if (_maker is not null)
            await _maker.FlushAsync(cancellation);
        await EndAsync();
    }

    /// <summary>Ends the maker, whatever is inside.</summary>
    public async Task EndAsync()
    {
        if (_maker is { } maker)
            await maker.DisposeAsync();
        _maker = null;
    }
}
