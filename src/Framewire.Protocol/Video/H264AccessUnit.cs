namespace Framewire.Protocol.Video;

/// <summary>
/// Reads one H.264 access unit in Annex B form (ITU-T H.264 Annex B.1, 7.3.1). Stateless; any thread. Untrusted bytes: never throws.
/// </summary>
/// <remarks>
/// <code>
/// 00 00 (00) 01   start code
/// | f | ref | type |  payload ...   NAL unit: 1 bit forbidden zero, 2 bits nal_ref_idc, 5 bits nal_unit_type
///                                   1 slice · 5 IDR slice · 6 SEI · 7 SPS · 8 PPS · 9 access unit delimiter
/// </code>
/// </remarks>
public static class H264AccessUnit
{
    private const int SliceOfIdr = 5;
    private const int SequenceParameters = 7;
    private const int PictureParameters = 8;

    /// <summary>
    /// Whether a decoder can begin here: an IDR picture with an SPS and a PPS before it. A recovery point or an I picture of an
    /// open group is not: pictures after it may refer to ones before it.
    /// </summary>
    public static bool IsKeyframe(ReadOnlySpan<byte> accessUnit)
    {
        bool hasSequence = false, hasPicture = false;
        // The first slice tells, so the rest of the picture, nearly all of the bytes, is never looked at.
        foreach (var unit in new H264Units(accessUnit))
        {
            var type = unit[0] & 0x1F;
            if (type is >= 1 and <= SliceOfIdr)
                return type == SliceOfIdr && hasSequence && hasPicture;
            hasSequence |= type == SequenceParameters;
            hasPicture |= type == PictureParameters;
        }
        return false;
    }

    /// <summary>Finds and reads the first SPS.</summary>
    /// <returns>False if there is none before the first slice, or it cannot be understood.</returns>
    public static bool TryReadSequence(ReadOnlySpan<byte> accessUnit, out H264Sequence sequence)
    {
        sequence = default;
        foreach (var unit in new H264Units(accessUnit))
        {
            var type = unit[0] & 0x1F;
            if (type == SequenceParameters)
                return H264Sequence.TryRead(unit, out sequence);
            if (type is >= 1 and <= SliceOfIdr)
                return false;
        }
        return false;
    }
}

/// <summary>
/// The NAL units of a byte stream, without their start codes and never empty, for <c>foreach</c>. Lives on the stack of one method.
/// </summary>
public ref struct H264Units(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = AfterStartCode(bytes);

    /// <summary>The unit: header byte and payload, still with emulation prevention bytes.</summary>
    public ReadOnlySpan<byte> Current { get; private set; }

    /// <summary>This, for <c>foreach</c>.</summary>
    public readonly H264Units GetEnumerator() => this;

    /// <summary>Goes to the next unit.</summary>
    public bool MoveNext()
    {
        while (!_rest.IsEmpty)
        {
            var end = _rest.IndexOf(StartCode);
            // Zeros ahead of a start code, its own first one among them, are no part of the unit (B.1.1).
            Current = (end < 0 ? _rest : _rest[..end]).TrimEnd((byte)0);
            _rest = end < 0 ? [] : _rest[(end + StartCode.Length)..];
            if (!Current.IsEmpty)
                return true;
        }
        return false;
    }

    private static ReadOnlySpan<byte> StartCode => [0, 0, 1];

    private static ReadOnlySpan<byte> AfterStartCode(ReadOnlySpan<byte> bytes)
    {
        var start = bytes.IndexOf(StartCode);
        return start < 0 ? [] : bytes[(start + StartCode.Length)..];
    }
}
