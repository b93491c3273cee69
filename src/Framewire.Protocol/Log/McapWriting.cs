using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Framewire.Protocol.Log;

/// <summary>Writes the fields and records of MCAP. https://mcap.dev/spec#serialization Stateless.</summary>
internal static class McapWriting
{
    public static void PutByte(this IBufferWriter<byte> to, byte value)
    {
        to.GetSpan(1)[0] = value;
        to.Advance(1);
    }

    public static void PutUInt16(this IBufferWriter<byte> to, ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(to.GetSpan(2), value);
        to.Advance(2);
    }

    public static void PutUInt32(this IBufferWriter<byte> to, uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(to.GetSpan(4), value);
        to.Advance(4);
    }

    public static void PutUInt64(this IBufferWriter<byte> to, ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(to.GetSpan(8), value);
        to.Advance(8);
    }

    public static void PutString(this IBufferWriter<byte> to, string text)
    {
        to.PutUInt32((uint)Encoding.UTF8.GetByteCount(text));
        Encoding.UTF8.GetBytes(text, to);
    }

    /// <summary>A length in bytes as u32, and the bytes: how strings, arrays and maps are written.</summary>
    public static void PutSized(this IBufferWriter<byte> to, ReadOnlySpan<byte> content)
    {
        to.PutUInt32((uint)content.Length);
        to.Write(content);
    }

    public static void PutRecordHead(this IBufferWriter<byte> to, McapOpcode opcode, long length)
    {
        to.PutByte((byte)opcode);
        to.PutUInt64((ulong)length);
    }

    /// <summary>A whole record.</summary>
    /// <param name="to">Where to.</param>
    /// <param name="opcode">Its kind.</param>
    /// <param name="content">Writes what is in it.</param>
    /// <returns>Its length with its head.</returns>
    public static int PutRecord(this IBufferWriter<byte> to, McapOpcode opcode, Action<IBufferWriter<byte>> content)
    {
        var written = Bytes(content);
        to.PutRecordHead(opcode, written.Length);
        to.Write(written);
        return Mcap.RecordHeadBytes + written.Length;
    }

    /// <summary>What <paramref name="content"/> writes.</summary>
    public static ReadOnlySpan<byte> Bytes(Action<IBufferWriter<byte>> content)
    {
        var scratch = new ArrayBufferWriter<byte>();
        content(scratch);
        return scratch.WrittenSpan;
    }
}
