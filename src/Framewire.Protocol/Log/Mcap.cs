using System.Buffers.Binary;

namespace Framewire.Protocol.Log;

/// <summary>The kinds of MCAP records that a segment has. https://mcap.dev/spec#records</summary>
internal enum McapOpcode : byte
{
    Header = 0x01,
    Footer = 0x02,
    Schema = 0x03,
    Channel = 0x04,
    Message = 0x05,
    Chunk = 0x06,
    MessageIndex = 0x07,
    ChunkIndex = 0x08,
    Attachment = 0x09,
    Statistics = 0x0B,
    Metadata = 0x0C,
    MetadataIndex = 0x0D,
    SummaryOffset = 0x0E,
    DataEnd = 0x0F,
}

/// <summary>The numbers of the MCAP format, and a segment's place in it. Stateless.</summary>
/// <remarks>
/// https://mcap.dev/spec. All numbers are little-endian; a string is a u32 length and UTF-8.
/// <code>
///   89 'MCAP' 30 0D 0A                                 magic
///   Header                                             "framewire/VERSION"
///   Metadata "framewire"                               what the segment is of
///   5 Schemas, 5 Channels                              of frames' notes, pictures, gaps, results, annotations
///   ( Chunk, 1 to 3 MessageIndexes ) ...               one for each append: frames and gaps, or results and annotations
///   ---- only in a closed file ------------------------------------------------------------------
///   Metadata "framewire.contents"                      what is in it, so that nobody need read the chunks to know
///   DataEnd
///   5 Schemas, 5 Channels, Statistics, ChunkIndex ..., 2 MetadataIndexes, SummaryOffset ...
///   Footer                                             where the summary begins, and its CRC
///   magic
///
///   a record    | u8 opcode | u64 length | that many bytes |
/// </code>
/// </remarks>
internal static class Mcap
{
    /// <summary>Opcode and length.</summary>
    public const int RecordHeadBytes = 9;

    /// <summary>The footer with its head, and the magic behind it.</summary>
    public const int TailBytes = RecordHeadBytes + 20 + 8;

    /// <summary>A chunk up to its records: record head, two times, size, CRC, no compression, size.</summary>
    public const int ChunkHeadBytes = RecordHeadBytes + 8 + 8 + 8 + 4 + 4 + 8;

    /// <summary>A message up to its content: record head, channel, sequence, two times.</summary>
    public const int MessageHeadBytes = RecordHeadBytes + 2 + 4 + 8 + 8;

    /// <summary>No chunk is larger; what says so is damaged.</summary>
    public const long MaxChunkBytes = 1L << 30;

    /// <summary>No other record is larger.</summary>
    public const long MaxRecordBytes = 64L << 20;

    /// <summary>Both ends of a file.</summary>
    public static ReadOnlySpan<byte> Magic => [0x89, (byte)'M', (byte)'C', (byte)'A', (byte)'P', (byte)'0', 0x0D, 0x0A];

    /// <summary>Reads a record's opcode and length.</summary>
    public static (McapOpcode Opcode, ulong Length) ReadHead(ReadOnlySpan<byte> head) =>
        ((McapOpcode)head[0], BinaryPrimitives.ReadUInt64LittleEndian(head[1..]));
}
