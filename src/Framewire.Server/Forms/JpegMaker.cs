using Framewire.Protocol.Media;
using Framewire.Protocol.Video;

namespace Framewire.Server.Forms;

/// <summary>
/// Makes JPEG of one session's frames. Owned by one <see cref="JpegForm"/>, whose loop puts frames in; what comes out is handed on by
/// whichever loop made it, one at a time.
/// </summary>
internal abstract class JpegMaker : IAsyncDisposable
{
    /// <summary>The maker for a format.</summary>
    /// <param name="format">What the frames look like.</param>
    /// <param name="options">The settings.</param>
    /// <param name="handOn">Takes each picture and its hold.</param>
    /// <exception cref="MediaException">The program or library for it is missing.</exception>
    public static async Task<JpegMaker> CreateAsync(StreamFormat format, FormOptions options, Func<Frame, ValueTask> handOn) => format.Codec switch
    {
        Codec.Jpeg => new AsItIs(handOn),
        Codec.Gray => new Compressing(new JpegEncoder(format.Width, format.Height, options.JpegQuality, PixelLayout.Gray), handOn),
        Codec.Bgr => new Compressing(new JpegEncoder(format.Width, format.Height, options.JpegQuality, PixelLayout.Bgr), handOn),
        _ => await H264JpegMaker.StartAsync(options, handOn),
    };

    /// <summary>Takes a frame and its hold.</summary>
    /// <exception cref="MediaException">Nothing more can be made.</exception>
    public abstract ValueTask TakeAsync(Frame frame, CancellationToken cancellation);

    /// <summary>No frame follows: hands on whatever is still inside.</summary>
    public virtual ValueTask FlushAsync(CancellationToken cancellation) => default;

    public virtual ValueTask DisposeAsync() => default;

    /// <summary>JPEG is JPEG already. Stateless.</summary>
    private sealed class AsItIs(Func<Frame, ValueTask> handOn) : JpegMaker
    {
        public override ValueTask TakeAsync(Frame frame, CancellationToken cancellation) => handOn(frame);
    }

    /// <summary>Compresses raw images in this process. Owns its encoder.</summary>
    private sealed class Compressing(JpegEncoder encoder, Func<Frame, ValueTask> handOn) : JpegMaker
    {
        public override async ValueTask TakeAsync(Frame frame, CancellationToken cancellation)
        {
            FrameBuffer jpeg;
            try
            {
                jpeg = encoder.Encode(frame.Payload.Span);
            }
            finally
            {
                frame.Release();
            }

            await handOn(frame with { Buffer = jpeg });
        }

        public override ValueTask DisposeAsync()
        {
            encoder.Dispose();
            return base.DisposeAsync();
        }
    }
}
