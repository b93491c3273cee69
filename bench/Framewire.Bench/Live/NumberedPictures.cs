using System.Collections.Concurrent;
using System.Diagnostics;
using Framewire.Edge.Sources.Pattern;
using Framewire.Protocol.Video;

namespace Framewire.Bench.Live;

/// <summary>
/// Grey pictures with their number in big blocks, in front of something that moves; and how long each took until it was read again.
/// Owned by one measurement; one loop makes pictures, another reads them.
/// </summary>
internal sealed class NumberedPictures
{
    private readonly PlanarCanvas _canvas = new(VideoChild.Width, VideoChild.Height, chroma: false);
    private readonly byte[] _picture;
    private readonly ConcurrentDictionary<uint, long> _made = new();
    private readonly List<double> _milliseconds = [];
    private readonly int _warmUp;
    private uint _last;

    /// <param name="warmUp">The first so many pictures do not count.</param>
    public NumberedPictures(int warmUp)
    {
        _warmUp = warmUp;
        _picture = new byte[_canvas.ImageBytes];
    }

    /// <summary>How long the pictures took that count. Read when all is over.</summary>
    public IReadOnlyList<double> Milliseconds => _milliseconds;

    /// <summary>Pictures that were read, those that do not count included.</summary>
    public int Read { get; private set; }

    /// <summary>Draws the next picture. Its time runs from now.</summary>
    public ReadOnlyMemory<byte> Next()
    {
        var number = ++_last;
        for (var y = 0; y < VideoChild.Height; y++)
        {
            var row = _picture.AsSpan(y * VideoChild.Width, VideoChild.Width);
            for (var x = 0; x < row.Length; x++)
                row[x] = (byte)(((x + (5 * number)) ^ (y + (2 * number))) / 4);
        }

        CounterBlocks.Draw(_canvas, _picture, number);
        _made[number] = Stopwatch.GetTimestamp();
        return _picture;
    }

    /// <summary>Reads a picture's number, and enters how long it took. Releases the picture.</summary>
    public ValueTask EnterAsync(FrameBuffer picture)
    {
        if (!CounterBlocks.TryRead(picture.Memory.Span, VideoChild.Width, VideoChild.Height, VideoChild.Width, out var number) || !_made.TryRemove(number, out var made))
            throw new IOException("a decoded picture has no number, or one that was read before.");
        Read++;
        if (number > _warmUp)
            _milliseconds.Add(Stopwatch.GetElapsedTime(made).TotalMilliseconds);
        picture.Release();
        return default;
    }
}
