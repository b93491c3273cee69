using Framewire.Protocol.Media;
using Framewire.Protocol.Video;

namespace Framewire.Server.Forms;

/// <summary>
/// Makes one form of one session's frames. Owned by one <see cref="StreamForm"/>, whose loop puts frames in; what comes out is handed on by
/// whichever loop made it, one at a time.
/// </summary>
internal abstract class FormMaker : IAsyncDisposable
{
    /// <summary>The maker from one format to another.</summary>
    /// <param name="from">What the frames look like.</param>
    /// <param name="to">What they are to look like.</param>
    /// <param name="options">The settings.</param>
    /// <param name="handOn">Takes each picture and its hold.</param>
    /// <exception cref="MediaException">The program or library for it is missing.</exception>
    public static async Task<FormMaker> CreateAsync(StreamFormat from, StreamFormat to, FormOptions options, Func<Frame, ValueTask> handOn)
    {
        var isSameSize = from.Width == to.Width && from.Height == to.Height;
        return (from.Codec, to.Codec) switch
        {
            _ when from.Codec == to.Codec && isSameSize => new AsItIs(handOn),
            (Codec.Gray, Codec.Jpeg) => new Compressing(new JpegEncoder(from.Width, from.Height, options.JpegQuality, PixelLayout.Gray), handOn),
            (Codec.Bgr, Codec.Jpeg) => new Compressing(new JpegEncoder(from.Width, from.Height, options.JpegQuality, PixelLayout.Bgr), handOn),
            (Codec.Jpeg, Codec.Gray) when isSameSize => new Decompressing(new JpegDecoder(from.Width, from.Height, PixelLayout.Gray), handOn),
            (Codec.Jpeg, Codec.Bgr) when isSameSize => new Decompressing(new JpegDecoder(from.Width, from.Height, PixelLayout.Bgr), handOn),
            _ => await FfmpegMaker.StartAsync(from, to, options, handOn),
        };
    }

    /// <summary>Whether making one format into another costs more than handing frames on.</summary>
    public static bool Costs(StreamFormat from, StreamFormat to) => from.Codec != to.Codec || from.Width != to.Width || from.Height != to.Height;

    /// <summary>Takes a frame and its hold.</summary>
    /// <exception cref="MediaException">Nothing more can be made.</exception>
    public abstract ValueTask TakeAsync(Frame frame, CancellationToken cancellation);

    /// <summary>No frame follows: hands on whatever is still inside.</summary>
    public virtual ValueTask FlushAsync(CancellationToken cancellation) => default;

    public virtual ValueTask DisposeAsync() => default;

    /// <summary>Hands frames on.</summary>
    private sealed class AsItIs(Func<Frame, ValueTask> handOn) : FormMaker
    {
        public override ValueTask TakeAsync(Frame frame, CancellationToken cancellation) => handOn(frame);
    }

    /// <summary>Compresses raw images in this process. Owns its encoder.</summary>
    private sealed class Compressing(JpegEncoder encoder, Func<Frame, ValueTask> handOn) : FormMaker
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

    /// <summary>Decompresses JPEG in this process; what is damaged beyond decoding is passed over. Owns its decoder.</summary>
    private sealed class Decompressing(JpegDecoder decoder, Func<Frame, ValueTask> handOn) : FormMaker
    {
        public override async ValueTask TakeAsync(Frame frame, CancellationToken cancellation)
        {
            FrameBuffer? image;
            try
            {
                image = decoder.TryDecode(frame.Payload.Span);
            }
            finally
            {
                frame.Release();
            }

            if (image is not null)
                await handOn(frame with { Buffer = image });
        }

        public override ValueTask DisposeAsync()
        {
            decoder.Dispose();
            return base.DisposeAsync();
        }
    }
}
