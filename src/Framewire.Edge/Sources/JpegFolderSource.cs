using System.Runtime.CompilerServices;
using Framewire.Protocol.Media;
using Framewire.Protocol.Video;

namespace Framewire.Edge.Sources;

/// <summary>A folder of JPEG files whose bytes are the frames, untouched. Owned by one publisher; one loop reads it.</summary>
internal sealed class JpegFolderSource(SourceOptions options, TimeProvider time) : FrameSource
{
    private readonly FramePacer _pacer = new(time);
    private IReadOnlyList<string> _files = [];
    private StreamFormat? _format;

    public override bool IsLive => !options.Fast;

    private double Rate => options.FrameRate ?? 30;

    public override async Task<StreamFormat> OpenAsync(CancellationToken cancellation)
    {
        var folder = ImageFolder.List(options.Source);
        if (!folder.IsJpeg)
            throw new SourceException($"The folder '{options.Source}' holds images that are not JPEG, and only JPEG can be copied: use --encode jpeg.");
        _files = folder.Files;
        var (buffer, header) = await LoadAsync(_files[0], cancellation).ConfigureAwait(false);
        buffer.Release();
        return _format = new StreamFormat(Codec.Jpeg, header.Width, header.Height, Rate);
    }

    public override async IAsyncEnumerable<Frame> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var format = _format ?? throw new InvalidOperationException("The source is not open.");
        for (var index = 0L; options.Loop || index < _files.Count; index++)
        {
            var pts = TimeSpan.FromTicks((long)(index * (double)TimeSpan.TicksPerSecond / Rate));
            if (!options.Fast)
                await _pacer.WaitAsync(pts, cancellation).ConfigureAwait(false);
            var path = _files[(int)(index % _files.Count)];
            var (buffer, header) = await LoadAsync(path, cancellation).ConfigureAwait(false);
            if ((header.Width, header.Height) != (format.Width, format.Height))
            {
                buffer.Release();
                throw new SourceException($"The image '{path}' is {header.Width}x{header.Height}, but the first is {format.Width}x{format.Height}: use --encode jpeg with a --size.");
            }
            yield return new Frame { Pts = pts, CapturedAt = time.GetUtcNow(), IsKeyframe = true, Buffer = buffer };
        }
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static async Task<(FrameBuffer Buffer, JpegHeader Header)> LoadAsync(string path, CancellationToken cancellation)
    {
        FrameBuffer? buffer = null;
        try
        {
            await using var file = File.OpenRead(path);
            if (file.Length is 0 or > PacketLine.MostBytes)
                throw new SourceException($"The image '{path}' has {file.Length} bytes: take it out of the folder.");
            buffer = FrameBuffer.Rent((int)file.Length);
            await file.ReadExactlyAsync(buffer.Memory, cancellation).ConfigureAwait(false);
            return JpegHeader.TryRead(buffer.Memory.Span, out var header)
                ? (buffer, header)
                : throw new SourceException($"The image '{path}' is not a whole JPEG: take it out of the folder.");
        }
        catch (Exception failure)
        {
            buffer?.Release();
            if (failure is IOException or UnauthorizedAccessException)
                throw new SourceException($"The image '{path}' cannot be read: {failure.Message} Take it out of the folder or let this user read it.", failure);
            throw;
        }
    }
}
