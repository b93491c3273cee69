using System.Buffers.Binary;

namespace Framewire.Tests.Testing;

/// <summary>The types of HTTP/2 frames (RFC 9113 section 6).</summary>
internal enum FrameType : byte
{
    Data = 0,
    Headers = 1,
    ResetStream = 3,
    Settings = 4,
    Ping = 6,
    GoAway = 7,
    WindowUpdate = 8,
    Continuation = 9,
}

/// <summary>One HTTP/2 frame as it is on the wire, sent or received by a test. Immutable.</summary>
/// <remarks>
/// RFC 9113 section 4.1:
/// <code>
///   +---------------------+--------+---------+----------------------+----------- - -
///   | length (24 bits)    | type 8 | flags 8 | 0 | stream (31 bits) | payload
///   +---------------------+--------+---------+----------------------+----------- - -
/// </code>
/// </remarks>
internal sealed record RawFrame(FrameType Type, byte Flags, int Stream, byte[] Payload)
{
    public const int HeaderLength = 9;

    public const byte EndStream = 0x1;
    public const byte Acknowledgement = 0x1;
    public const byte EndHeaders = 0x4;
    public const byte Padded = 0x8;

    public bool EndsStream => Type is FrameType.Data or FrameType.Headers && (Flags & EndStream) != 0;

    /// <summary>The error code of RST_STREAM, or of GOAWAY.</summary>
    public int ErrorCode => BinaryPrimitives.ReadInt32BigEndian(Payload.AsSpan(Type == FrameType.GoAway ? 4 : 0));

    /// <summary>The last stream that GOAWAY names.</summary>
    public int LastStream => BinaryPrimitives.ReadInt32BigEndian(Payload);

    public static RawFrame Data(int stream, ReadOnlySpan<byte> bytes, bool end = false) => new(FrameType.Data, end ? EndStream : (byte)0, stream, bytes.ToArray());

    public static RawFrame Reset(int stream, int code) => new(FrameType.ResetStream, 0, stream, BigEndian(code));

    public static RawFrame Ping(long value)
    {
        var payload = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(payload, value);
        return new RawFrame(FrameType.Ping, 0, 0, payload);
    }

    public static RawFrame WindowUpdate(int stream, int bytes) => new(FrameType.WindowUpdate, 0, stream, BigEndian(bytes));

    /// <summary>SETTINGS with pairs of identifier and value.</summary>
    public static RawFrame Settings(params (ushort Id, int Value)[] settings)
    {
        var payload = new byte[settings.Length * 6];
        for (var i = 0; i < settings.Length; i++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(payload.AsSpan(i * 6), settings[i].Id);
            BinaryPrimitives.WriteInt32BigEndian(payload.AsSpan((i * 6) + 2), settings[i].Value);
        }
        return new RawFrame(FrameType.Settings, 0, 0, payload);
    }

    public byte[] ToBytes()
    {
        var bytes = new byte[HeaderLength + Payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(bytes, Payload.Length << 8);
        bytes[3] = (byte)Type;
        bytes[4] = Flags;
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(5), Stream);
        Payload.CopyTo(bytes.AsSpan(HeaderLength));
        return bytes;
    }

    private static byte[] BigEndian(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }
}
