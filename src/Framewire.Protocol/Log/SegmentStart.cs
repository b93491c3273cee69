using System.Buffers;
using System.Reflection;
using Microsoft.Win32.SafeHandles;

namespace Framewire.Protocol.Log;

/// <summary>What stands before the first chunk: magic, Header, metadata, schemas, channels. Immutable.</summary>
/// <param name="Header">What the segment is of.</param>
/// <param name="MetadataOffset">Where the metadata's record begins.</param>
/// <param name="MetadataBytes">Its length.</param>
internal sealed record SegmentStart(SegmentHeader Header, long MetadataOffset, long MetadataBytes)
{
    private const int MaxLibraryBytes = 64 * 1024;
    private const int MaxMetadataBytes = 1 << 20;

    private static readonly string Library = $"framewire/{typeof(SegmentStart).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]}";

    /// <summary>Where the schemas begin.</summary>
    public long End => MetadataOffset + MetadataBytes;

    /// <summary>Writes it.</summary>
    public static SegmentStart Write(ArrayBufferWriter<byte> to, SegmentHeader header)
    {
        to.Write(Mcap.Magic);
        to.PutRecord(McapOpcode.Header, record =>
        {
            record.PutString("");
            record.PutString(Library);
        });
        var offset = to.WrittenCount;
        var bytes = SegmentMetadata.WriteHeader(to, header);
        SegmentChannels.WriteSchemas(to, header);
        SegmentChannels.WriteChannels(to, header);
        return new SegmentStart(header, offset, bytes);
    }

    /// <summary>Reads it up to the schemas.</summary>
    /// <exception cref="InvalidDataException">The file is no segment, with the reason for people.</exception>
    public static SegmentStart Read(SafeFileHandle file)
    {
        Span<byte> magic = stackalloc byte[Mcap.Magic.Length];
        if (!file.TryRead(0, magic) || !magic.SequenceEqual(Mcap.Magic))
            throw new InvalidDataException("It does not begin as MCAP does.");
        var header = file.ReadRecord(magic.Length, MaxLibraryBytes, McapOpcode.Header)
            ?? throw new InvalidDataException("It ends in its header, or the header is damaged.");
        var at = magic.Length + Mcap.RecordHeadBytes + header.Length;
        var metadata = file.ReadRecord(at, MaxMetadataBytes, McapOpcode.Metadata)
            ?? throw new InvalidDataException("It has no metadata of ours behind its header, or that is damaged.");
        return new SegmentStart(SegmentMetadata.ReadHeader(metadata), at, Mcap.RecordHeadBytes + metadata.Length);
    }
}
