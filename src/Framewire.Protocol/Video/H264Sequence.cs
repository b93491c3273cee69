namespace Framewire.Protocol.Video;

/// <summary>
/// What an H.264 sequence parameter set says of the pictures (ITU-T H.264 7.3.2.1.1). A value; any thread. Untrusted bytes: never throws.
/// </summary>
/// <remarks>
/// <code>
/// | 67 | profile_idc | constraint flags | level_idc | ue: id | ... bits: chroma, depth, picture order, size in macroblocks, crop
/// </code>
/// </remarks>
/// <param name="Profile">profile_idc: 66 baseline, 77 main, 100 high.</param>
/// <param name="Constraints">The byte of constraint flags.</param>
/// <param name="Level">level_idc: 31 is level 3.1.</param>
/// <param name="Width">Width in pixels after cropping, 1 to <see cref="StreamFormat.MaxSide"/>.</param>
/// <param name="Height">Height in pixels after cropping, 1 to <see cref="StreamFormat.MaxSide"/>.</param>
public readonly record struct H264Sequence(byte Profile, byte Constraints, byte Level, int Width, int Height)
{
    /// <summary>What browsers call this codec, such as <c>avc1.64001f</c> (RFC 6381 section 3.3).</summary>
    public string CodecString => $"avc1.{Profile:x2}{Constraints:x2}{Level:x2}";

    /// <summary>Reads an SPS NAL unit without its start code.</summary>
    public static bool TryRead(ReadOnlySpan<byte> unit, out H264Sequence sequence)
    {
        sequence = default;
        if (unit.Length < 5 || (unit[0] & 0x1F) != 7)
            return false;
        var bits = new H264BitReader(unit[4..]);
        bits.ReadUnsigned();                                    // seq_parameter_set_id
        var chroma = HasChromaFormat(unit[1]) ? ReadChroma(ref bits) : 1;
        bits.ReadUnsigned();                                    // log2_max_frame_num_minus4
        SkipPictureOrder(ref bits);
        bits.ReadUnsigned();                                    // max_num_ref_frames
        bits.ReadBit();                                         // gaps_in_frame_num_value_allowed_flag
        long width = (bits.ReadUnsigned() + 1L) * 16, height = (bits.ReadUnsigned() + 1L) * 16;
        var isFrameOnly = bits.ReadBit() == 1;                  // frame_mbs_only_flag; else fields, half as high
        if (!isFrameOnly)
        {
            height *= 2;
            bits.ReadBit();                                     // mb_adaptive_frame_field_flag
        }
        bits.ReadBit();                                         // direct_8x8_inference_flag
        Crop(ref bits, chroma, isFrameOnly, ref width, ref height);
        if (bits.IsOver || width is < 1 or > StreamFormat.MaxSide || height is < 1 or > StreamFormat.MaxSide)
            return false;
        sequence = new H264Sequence(unit[1], unit[2], unit[3], (int)width, (int)height);
        return true;
    }

    private static bool HasChromaFormat(byte profile) => profile is 100 or 110 or 122 or 244 or 44 or 83 or 86 or 118 or 128 or 138 or 139 or 134 or 135;

    /// <returns>chroma_format_idc: 0 grey, 1 4:2:0, 2 4:2:2, 3 4:4:4; the last as 0 if its planes are coded apart.</returns>
    private static uint ReadChroma(ref H264BitReader bits)
    {
        var chroma = bits.ReadUnsigned();
        if (chroma == 3 && bits.ReadBit() == 1)
            chroma = 0;
        bits.ReadUnsigned();                                    // bit_depth_luma_minus8
        bits.ReadUnsigned();                                    // bit_depth_chroma_minus8
        bits.ReadBit();                                         // qpprime_y_zero_transform_bypass_flag
        if (bits.ReadBit() == 0)                                // seq_scaling_matrix_present_flag
            return chroma;
        for (var list = 0; list < (chroma == 3 ? 12 : 8); list++)
            if (bits.ReadBit() == 1)
                SkipScalingList(ref bits, list < 6 ? 16 : 64);
        return chroma;
    }

    private static void SkipScalingList(ref H264BitReader bits, int size)
    {
        int last = 8, next = 8;
        for (var i = 0; i < size && next != 0; i++)
        {
            next = (int)((last + (long)bits.ReadSigned() + 256) % 256);
            last = next == 0 ? last : next;
        }
    }

    private static void SkipPictureOrder(ref H264BitReader bits)
    {
        var type = bits.ReadUnsigned();                         // pic_order_cnt_type
        if (type == 0)
            bits.ReadUnsigned();
        if (type != 1)
            return;
        bits.ReadBit();
        bits.ReadSigned();
        bits.ReadSigned();
        var cycle = bits.ReadUnsigned();                        // 255 at most (7.4.2.1.1)
        for (var i = 0; i < cycle && !bits.IsOver; i++)
            bits.ReadSigned();
    }

    /// <summary>Takes the cropping off, whose unit depends on the chroma format (7.4.2.1.1).</summary>
    private static void Crop(ref H264BitReader bits, uint chroma, bool isFrameOnly, ref long width, ref long height)
    {
        if (bits.ReadBit() == 0)
            return;
        long unitX = chroma is 1 or 2 ? 2 : 1, unitY = (chroma == 1 ? 2 : 1) * (isFrameOnly ? 1 : 2);
        width -= unitX * ((long)bits.ReadUnsigned() + bits.ReadUnsigned());
        height -= unitY * ((long)bits.ReadUnsigned() + bits.ReadUnsigned());
    }
}
