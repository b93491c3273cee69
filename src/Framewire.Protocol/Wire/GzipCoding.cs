using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;

namespace Framewire.Protocol.Wire;

/// <summary>
/// The one compression of messages that this house speaks besides none: gzip (RFC 1952), each message on its own. Pure functions, any thread.
/// </summary>
internal static class GzipCoding
{
    public const string Name = "gzip";
    public const string Identity = "identity";

    /// <summary>The value of <c>grpc-accept-encoding</c>.</summary>
    public const string Accepted = "identity,gzip";

    /// <summary>True for an encoding in which messages can be read here; no header at all means identity.</summary>
    public static bool IsKnown(string? encoding) => encoding is null or Identity or Name;

    /// <summary>True if a peer that sent this <c>grpc-accept-encoding</c> takes gzip.</summary>
    public static bool IsAcceptedBy(string? acceptEncoding)
    {
        if (acceptEncoding is null)
            return false;
        foreach (var part in acceptEncoding.AsSpan().Split(','))
        {
            if (acceptEncoding.AsSpan(part).Trim().Equals(Name, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

    /// <summary>Inflates one message, but never past <paramref name="maxMessageBytes"/>: a small bomb must not become a large allocation.</summary>
    /// <exception cref="GrpcException">Over the limit (RESOURCE_EXHAUSTED), or not gzip (INTERNAL).</exception>
    public static InflatedMessage Inflate(in ReadOnlySequence<byte> message, int maxMessageBytes)
    {
        var inflated = new InflatedMessage();
        try
        {
            using var gzip = new GZipStream(new SequenceStream(message), CompressionMode.Decompress);
            while (gzip.Read(inflated.FreeSpace()) is var read && read > 0)
            {
                inflated.Add(read);
                if (inflated.Length > maxMessageBytes)
                    throw new GrpcException(GrpcStatusCode.ResourceExhausted, $"A compressed message inflates to more than {maxMessageBytes} bytes.");
            }
            if (!IsWhole(message, inflated.Length))
                throw new InvalidDataException("It is cut short, or something follows it.");
            return inflated;
        }
        catch (InvalidDataException e)
        {
            inflated.Dispose();
            throw new GrpcException(GrpcStatusCode.Internal, "A message marked as gzip is not gzip.", e);
        }
        catch (GrpcException)
        {
            inflated.Dispose();
            throw;
        }
    }

    /// <summary>GZipStream takes an end in the middle for the end. RFC 1952 section 2.3.1: the last four bytes are the length of what was deflated, little-endian.</summary>
    private static bool IsWhole(in ReadOnlySequence<byte> message, long inflated)
    {
        const int ShortestHeaderAndTrailer = 18;
        if (message.Length < ShortestHeaderAndTrailer)
            return false;
        Span<byte> length = stackalloc byte[4];
        message.Slice(message.Length - 4).CopyTo(length);
        return BinaryPrimitives.ReadUInt32LittleEndian(length) == (uint)inflated;
    }

    /// <summary>Deflates head and tail, as one message, onto the end of <paramref name="target"/>.</summary>
    public static void Deflate(ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail, CompressionLevel level, IBufferWriter<byte> target)
    {
        using var gzip = new GZipStream(new BufferWriterStream(target), level);
        gzip.Write(head);
        gzip.Write(tail);
    }
}
