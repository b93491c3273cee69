using System.Buffers;
using System.Buffers.Binary;

namespace Framewire.Protocol.Wire;

/// <summary>Whether a whole message stands at the start of what has arrived.</summary>
internal enum FramingOutcome
{
    /// <summary>More bytes must come first.</summary>
    NotYet,
    Message,
    /// <summary>The compressed flag is neither 0 nor 1.</summary>
    BadFlag,
    /// <summary>The length is over the limit. Known from the prefix alone, before anything is set aside for the message.</summary>
    TooLarge,
}

/// <summary>The length prefix before each message, both ways. Pure functions, any thread.</summary>
/// <remarks>
/// PROTOCOL-HTTP2.md, "Length-Prefixed-Message". HTTP/2 frames bear no relation to it: a prefix may be split over several of them.
/// <code>
///   +------+---------------------------+------------- - -
///   | flag |   length (big-endian)     | length bytes
///   +------+---------------------------+------------- - -
///    1 byte            4 bytes           flag 0: as it is; flag 1: compressed as grpc-encoding says
/// </code>
/// </remarks>
internal static class MessageFraming
{
    public const int PrefixLength = 5;

    /// <summary>Looks for one message at the start of <paramref name="arrived"/>; takes nothing away.</summary>
    public static FramingOutcome TryRead(
        in ReadOnlySequence<byte> arrived, int maxMessageBytes, out bool compressed, out uint length, out ReadOnlySequence<byte> message)
    {
        compressed = false;
        length = 0;
        message = default;
        if (arrived.Length < PrefixLength)
            return FramingOutcome.NotYet;
        Span<byte> prefix = stackalloc byte[PrefixLength];
        arrived.Slice(0, PrefixLength).CopyTo(prefix);
        if (prefix[0] > 1)
            return FramingOutcome.BadFlag;
        compressed = prefix[0] == 1;
        length = BinaryPrimitives.ReadUInt32BigEndian(prefix[1..]);
        if (length > (uint)maxMessageBytes)
            return FramingOutcome.TooLarge;
        if (arrived.Length - PrefixLength < length)
            return FramingOutcome.NotYet;
        message = arrived.Slice(PrefixLength, length);
        return FramingOutcome.Message;
    }

    /// <summary>Writes the prefix of a message of <paramref name="length"/> bytes.</summary>
    public static void WritePrefix(Span<byte> prefix, bool compressed, long length)
    {
        prefix[0] = compressed ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt32BigEndian(prefix[1..], checked((uint)length));
    }
}
