using System.Buffers.Binary;
using System.Text;

namespace Framewire.Protocol.Log;

/// <summary>Reads the fields of one MCAP record, front to back. https://mcap.dev/spec#serialization Throws <see cref="InvalidDataException"/> at its end.</summary>
internal ref struct McapFields(ReadOnlySpan<byte> content)
{
    private ReadOnlySpan<byte> _left = content;

    public readonly bool AtEnd => _left.IsEmpty;

    public readonly int Left => _left.Length;

    public byte Byte() => Take(1)[0];

    public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    public string String() => Encoding.UTF8.GetString(Sized());

    public ReadOnlySpan<byte> Sized() => Take(UInt32());

    public ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)_left.Length)
            throw new InvalidDataException("A record ends in the middle of a field.");
        var taken = _left[..(int)count];
        _left = _left[(int)count..];
        return taken;
    }

    /// <summary>The next record.</summary>
    public ReadOnlySpan<byte> Record(out McapOpcode opcode)
    {
        opcode = (McapOpcode)Byte();
        return Take(UInt64());
    }
}
