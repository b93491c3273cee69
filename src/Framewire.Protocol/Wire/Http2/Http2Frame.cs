using System.Buffers.Binary;

namespace Framewire.Protocol.Wire.Http2;

/// <summary>The types of HTTP/2 frames (RFC 9113 section 6).</summary>
internal enum Http2FrameType : byte
{
    Data = 0,
    Headers = 1,
    Priority = 2,
    ResetStream = 3,
    Settings = 4,
    PushPromise = 5,
    Ping = 6,
    GoAway = 7,
    WindowUpdate = 8,
    Continuation = 9,
}

/// <summary>The flags of HTTP/2 frames; which ones a frame may have depends on its type.</summary>
[Flags]
internal enum Http2Flags : byte
{
    None = 0,
    /// <summary>The last of its stream (DATA, HEADERS).</summary>
    EndStream = 0x1,
    /// <summary>An acknowledgement (SETTINGS, PING).</summary>
#pragma warning disable CA1069 // One bit, two meanings, by the frame's type.
    Acknowledgement = 0x1,
#pragma warning restore CA1069
    /// <summary>The last of its header block (HEADERS, CONTINUATION).</summary>
    EndHeaders = 0x4,
    /// <summary>Begins with the length of the padding at its end (DATA, HEADERS).</summary>
    Padded = 0x8,
    /// <summary>Begins with five bytes that mean nothing any more (HEADERS).</summary>
    Priority = 0x20,
}

/// <summary>The nine bytes before the payload of every HTTP/2 frame (RFC 9113 section 4.1). Immutable.</summary>
/// <remarks>
/// <code>
///   +-----------------+------+-------+---+-----------+
///   | length          | type | flags | 0 | stream id |
///   +-----------------+------+-------+---+-----------+
///     24 bits           8      8       1   31, big-endian
/// </code>
/// </remarks>
internal readonly record struct Http2Frame(int Length, Http2FrameType Type, Http2Flags Flags, int Stream)
{
    public const int HeaderLength = 9;

    public bool Has(Http2Flags flag) => (Flags & flag) != 0;

    public static Http2Frame Read(ReadOnlySpan<byte> header) => new(
        (int)(BinaryPrimitives.ReadUInt32BigEndian(header) >> 8),
        (Http2FrameType)header[3],
        (Http2Flags)header[4],
        (int)(BinaryPrimitives.ReadUInt32BigEndian(header[5..]) & int.MaxValue));

    public void Write(Span<byte> header)
    {
        BinaryPrimitives.WriteInt32BigEndian(header, (Length << 8) | (byte)Type);
        header[4] = (byte)Flags;
        BinaryPrimitives.WriteInt32BigEndian(header[5..], Stream);
    }
}

/// <summary>The settings that each end tells the other (RFC 9113 section 6.5.2).</summary>
internal enum Http2Setting : ushort
{
    HeaderTableSize = 1,
    EnablePush = 2,
    MaxConcurrentStreams = 3,
    InitialWindowSize = 4,
    MaxFrameSize = 5,
    MaxHeaderListSize = 6,
}
