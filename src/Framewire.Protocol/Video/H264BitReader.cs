namespace Framewire.Protocol.Video;

/// <summary>
/// Reads bits and Exp-Golomb numbers (ITU-T H.264 9.1) from a NAL unit, stepping over emulation prevention bytes (7.4.1: the 03
/// of 00 00 03). Past the end it gives zeros and says <see cref="IsOver"/>. Lives on the stack of one method.
/// </summary>
internal ref struct H264BitReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _position;
    private int _bit;
    private int _zeros;

    /// <summary>More was read than there is, or a number was longer than 32 bits: nothing read is to be believed.</summary>
    public bool IsOver { get; private set; }

    public uint ReadBit()
    {
        if (IsOver || _position >= _bytes.Length)
        {
            IsOver = true;
            return 0;
        }
        var value = (uint)(_bytes[_position] >> (7 - _bit) & 1);
        if (++_bit == 8)
            NextByte();
        return value;
    }

    /// <summary>ue(v): n zeros, a one, n bits.</summary>
    public uint ReadUnsigned()
    {
        var zeros = 0;
        while (ReadBit() == 0)
            if (IsOver || ++zeros > 31)
                return Fail();
        var suffix = 0u;
        for (var i = 0; i < zeros; i++)
            suffix = suffix << 1 | ReadBit();
        return (uint)((1ul << zeros) - 1 + suffix);
    }

    /// <summary>se(v): 0, 1, -1, 2, -2 ...</summary>
    public int ReadSigned()
    {
        var code = (long)ReadUnsigned();
        return (int)((code & 1) == 1 ? (code + 1) / 2 : -(code / 2));
    }

    private uint Fail()
    {
        IsOver = true;
        return 0;
    }

    private void NextByte()
    {
        _zeros = _bytes[_position] == 0 ? _zeros + 1 : 0;
        _bit = 0;
        _position++;
        if (_zeros >= 2 && _position < _bytes.Length && _bytes[_position] == 3)
        {
            _position++;
            _zeros = 0;
        }
    }
}
