using System.Globalization;
using Framewire.Protocol.Video;

namespace Framewire.Protocol.Media;

/// <summary>
/// Reads packets off ffmpeg's standard output. Owned by one source; not thread-safe. Closes nothing.
/// </summary>
/// <remarks>
/// ffmpeg's tee muxer writes each packet twice to the same pipe: first as a line of the framecrc format, which says how long it
/// is and when it is shown, then its bytes as they are:
/// <code>
/// #tb 0: 1/10240 LF  #codec_id 0: h264 LF  #dimensions 0: 768x432 LF ...       the header
/// 0, -62464, 0, 1024, 18519, 0x587b8851 LF  [18519 bytes]                      a packet
/// 0,  -1024, 62464, 1024, 4245, 0xff0b4070, F=0x0 LF  [4245 bytes]             the next one
/// </code>
/// So frames have exact bounds and times whatever the container, and we parse none.
/// </remarks>
public sealed class PacketReader(Stream output)
{
    private const int MostLineBytes = 4096;

    private readonly byte[] _buffer = new byte[64 << 10];
    private int _start;
    private int _end;

    /// <summary>Reads the header.</summary>
    /// <returns>Null if the output ends before the first packet.</returns>
    /// <exception cref="InvalidDataException">This is not what ffmpeg writes.</exception>
    public async Task<PacketHeader?> ReadHeaderAsync(CancellationToken cancellation)
    {
        var header = new PacketHeader("", 0, 0, new TimeBase(1, 1000));
        while (await FillLineAsync(cancellation).ConfigureAwait(false) is var length and >= 0)
        {
            if (_buffer[_start] != (byte)'#')
                return header;
            header = Apply(header, System.Text.Encoding.ASCII.GetString(_buffer, _start, length));
            _start += length + 1;
        }
        return null;
    }

    /// <summary>Reads the next packet; null at the end.</summary>
    /// <exception cref="InvalidDataException">This is not what ffmpeg writes.</exception>
    /// <exception cref="EndOfStreamException">The output ends within a packet.</exception>
    public async Task<Packet?> ReadAsync(CancellationToken cancellation)
    {
        var length = await FillLineAsync(cancellation).ConfigureAwait(false);
        if (length < 0)
            return null;
        if (!PacketLine.TryParse(_buffer.AsSpan(_start, length), out var line))
            throw new InvalidDataException("a line that announces a packet cannot be understood");
        _start += length + 1;
        var payload = FrameBuffer.Rent(line.Size);
        try
        {
            var held = Math.Min(line.Size, _end - _start);
            _buffer.AsSpan(_start, held).CopyTo(payload.Memory.Span);
            _start += held;
            await output.ReadExactlyAsync(payload.Memory[held..], cancellation).ConfigureAwait(false);
            return new Packet(line, payload);
        }
        catch
        {
            payload.Release();
            throw;
        }
    }

    /// <summary>Makes the buffer start with a whole line.</summary>
    /// <returns>Its length without the line feed, or -1 at the end of the output.</returns>
    private async ValueTask<int> FillLineAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var length = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (length > 0)
                return length;
            if (length == 0 || _end - _start > MostLineBytes)
                throw new InvalidDataException("what stands between two packets is not a line of text");
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
            var read = await output.ReadAsync(_buffer.AsMemory(_end), cancellation).ConfigureAwait(false);
            if (read == 0)
                return _end == 0 ? -1 : throw new EndOfStreamException();
            _end += read;
        }
    }

    private static PacketHeader Apply(PacketHeader header, string line)
    {
        var value = line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
        if (line.StartsWith("#codec_id 0:", StringComparison.Ordinal))
            return header with { Codec = value };
        if (line.StartsWith("#dimensions 0:", StringComparison.Ordinal) && TryPair(value, 'x', out var width, out var height))
            return header with { Width = (int)width, Height = (int)height };
        if (line.StartsWith("#tb 0:", StringComparison.Ordinal) && TryPair(value, '/', out var numerator, out var denominator) && denominator > 0)
            return header with { TimeBase = new TimeBase(numerator, denominator) };
        return header;
    }

    private static bool TryPair(string text, char separator, out long first, out long second)
    {
        var at = text.IndexOf(separator, StringComparison.Ordinal);
        second = 0;
        return long.TryParse(text.AsSpan(0, Math.Max(at, 0)), NumberStyles.None, CultureInfo.InvariantCulture, out first)
            && long.TryParse(text.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out second)
            && first <= int.MaxValue && second <= int.MaxValue;
    }
}
